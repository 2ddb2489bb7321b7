import { isGrpcServiceError, type Client } from '@temporalio/client'
import { MUSTER_QUEUE } from '../../domain/queues.ts'

/** The word of the server's API for the calls of workflow workers. */
const WORKFLOW_CALLS = 1
const ANSWER_MS = 2_000

/**
 * When a worker last asked for the workflows of fleets and hosts, ms by the server's clock; `none`: none has for minutes;
 * undefined: Temporal does not say.
 */
export async function workerSeen(client: Client, namespace: string): Promise<number | 'none' | undefined> {
  const { connection, workflowService } = client
  try {
    const { pollers } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: MUSTER_QUEUE },
        taskQueueType: WORKFLOW_CALLS,
      }),
    )
    const seen = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000)
    return seen.length === 0 ? 'none' : Math.max(...seen)
  } catch (error) {
    // Explaining goes on without it: that Temporal is away shows elsewhere.
    if (isGrpcServiceError(error)) return undefined
    throw error
  }
}
