import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client'
import type { ActionOutcome } from '../../domain/schedules/types.ts'
import { orUnavailable, type ServerSchedule } from './schedules.ts'

/** One firing and what became of it. */
export interface ScheduleRun {
  workflowId: string
  runId: string
  /** When it was due, and when it began: later by jitter or after an outage. */
  dueAt: Date
  startedAt: Date
  /** `unknown`: the server no longer keeps it. */
  outcome: 'ok' | 'failed' | 'running' | 'unknown'
  /** What was done, or why it failed. */
  text: string
}

/** What became of the last firings, newest first. */
export async function readRuns(
  client: Client,
  schedule: Pick<ServerSchedule, 'recent'>,
  count: number,
): Promise<ScheduleRun[]> {
  return await Promise.all(
    schedule.recent.slice(0, count).map(async (run) => ({ ...run, ...(await outcomeOf(client, run)) })),
  )
}

async function outcomeOf(
  client: Client,
  { workflowId, runId }: ServerSchedule['recent'][number],
): Promise<Pick<ScheduleRun, 'outcome' | 'text'>> {
  const handle = client.workflow.getHandle(workflowId, runId)
  return await orUnavailable(`say what became of ${workflowId}`, async () => {
    try {
      const { status } = await handle.describe()
      if (status.name === 'RUNNING') return { outcome: 'running', text: 'under way' }
      if (status.name === 'COMPLETED') {
        const { did } = (await handle.result()) as ActionOutcome
        return { outcome: 'ok', text: did }
      }
      return { outcome: 'failed', text: await reasonOf(() => handle.result(), status.name) }
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { outcome: 'unknown', text: 'no longer kept' }
      throw error
    }
  })
}

const ENDS: Partial<Record<WorkflowExecutionStatusName, string>> = {
  TIMED_OUT: 'not done in time: did a worker run?',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
}

/** The innermost reason: what was thrown where the action was carried out. */
async function reasonOf(
  result: () => Promise<unknown>,
  status: WorkflowExecutionStatusName,
): Promise<string> {
  try {
    await result()
    return status.toLowerCase()
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    const known = ENDS[status]
    if (known !== undefined) return known
    let inner: Error = error
    while (inner.cause instanceof Error) inner = inner.cause
    return inner.message
  }
}
