import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcDeadlineError,
} from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'

/**
 * People wait for this answer; without a worker there is none. A try that fails just before it is followed by one more
 * pause of the SDK's, of up to five seconds, and our own command hears nothing after 15 s.
 */
const UPDATE_DEADLINE_MS = 6_000
/** Whether Temporal is there at all is answered at once. */
const THERE_MS = 1_000

export interface UpdateRequest {
  workflowId: string
  /** For people: `host render/00007`. */
  target: string
  /** Name of the update (domain/messages.ts). */
  name: string
  payload: object
  /** The same id is the same update: a repetition gets the first one's answer. */
  updateId: string
}

/**
 * Sends an update and waits for what it answers.
 *
 * @throws MusterError `unprocessable` when the workflow refuses, `gone` when it has ended, `not_found` when there is
 *   none, `timed_out` when no worker answers, `unavailable` when Temporal does not
 */
export async function sendUpdate(
  client: Client,
  request: UpdateRequest,
  onError: (call: string) => void,
): Promise<unknown> {
  const { workflowId, name, payload, updateId } = request
  const handle = client.workflow.getHandle(workflowId)
  try {
    return await within(client, () => handle.executeUpdate(name, { args: [payload], updateId }))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw await absent(client, request, error)
    if (error instanceof WorkflowUpdateFailedError) throw refused(request, error)
    onError(`update ${name}`)
    const isLate = error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)
    if (isLate && (await isThere(client))) {
      const text = `${request.target} did not answer ${name} within ${UPDATE_DEADLINE_MS / 1000} s; is a worker running? It is carried out when one comes: look before you repeat it`
      throw new MusterError('timed_out', text, { cause: error })
    }
    const text = `Temporal did not take ${name} for ${request.target}: see that it runs, and try again`
    throw new MusterError('unavailable', text, { cause: error })
  }
}

/** What is late may be the worker or the server: only with the server there has it the wish, and will carry it out. */
async function isThere({ connection, workflowService }: Client): Promise<boolean> {
  try {
    await connection.withDeadline(Date.now() + THERE_MS, () => workflowService.getSystemInfo({}))
    return true
  } catch {
    return false
  }
}

/** A deadline of the network: real time, whatever clock the rest runs by. */
async function within<T>(client: Client, run: () => Promise<T>): Promise<T> {
  return await client.connection.withDeadline(Date.now() + UPDATE_DEADLINE_MS, run)
}

function refused({ target, name }: UpdateRequest, error: WorkflowUpdateFailedError): MusterError {
  const why = error.cause?.message ?? error.message
  return new MusterError('unprocessable', `${target} refuses ${name}: ${why}`, { cause: error })
}

/** Temporal says "not found" of a closed workflow too; its description tells the two apart. */
async function absent(
  client: Client,
  { workflowId, target }: UpdateRequest,
  cause: Error,
): Promise<MusterError> {
  try {
    const { status } = await within(client, () => client.workflow.getHandle(workflowId).describe())
    return new MusterError('gone', `${target} has ended (${status.name.toLowerCase()})`, { cause })
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      return new MusterError('not_found', `there is no ${target}`, { cause })
    }
    return new MusterError('unavailable', `Temporal did not say what became of ${target}; try again`, {
      cause: error,
    })
  }
}
