import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { Client, WorkflowExecutionDescription } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { generationOf, hostWorkflowId, watchActivityId } from '../../domain/ids.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import { attributeNumber, attributeText } from './attributes.ts'
import { attemptStatusOf } from './attempt-status.ts'
import type { AttemptStatus } from './attempt-status.ts'

/**
 * Agents wait 10 s for their answer, and a post needs at most two calls that may hang. (The client's retries overshoot
 * a deadline by up to one pause: 5 s measured for 4 s, with nobody listening.)
 */
const DEADLINE_MS = 3_000

/** What agent routes ask of Temporal. Unreachable is always `unavailable` (503), never a 410. */
export interface HostCalls {
  /** @throws MusterError `gone` when the workflow proves that this attempt is over */
  signal(key: AttemptKey, name: string, payload: object): Promise<void>
  /** `notFound`: not watched now: not yet picked up, between two runs, silent, draining, or over. */
  heartbeat(key: AttemptKey, details: object): Promise<'accepted' | 'notFound'>
  attemptStatus(key: AttemptKey): Promise<AttemptStatus>
}

/** @param onError gets the name of each call that Temporal did not answer */
export function createHostCalls(client: Client, onError: (call: string) => void): HostCalls {
  async function ask<T>(call: string, run: () => Promise<T>): Promise<T> {
    // A deadline of the network: real time, whatever clock the rest runs by.
    return await client.connection.withDeadline(Date.now() + DEADLINE_MS, run).catch((error: unknown) => {
      if (isAnswer(error)) throw error
      onError(call)
      throw new MusterError('unavailable', `Temporal did not take the ${call}; try again`, { cause: error })
    })
  }

  async function attemptStatus(key: AttemptKey): Promise<AttemptStatus> {
    const handle = client.workflow.getHandle(hostWorkflowId(key.host))
    try {
      return attemptStatusOf(viewOf(await ask('describe', () => handle.describe())), key)
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      return { kind: 'gone', reason: `Temporal knows no host ${key.host} (any more)` }
    }
  }

  async function signal(key: AttemptKey, name: string, payload: object): Promise<void> {
    const handle = client.workflow.getHandle(hostWorkflowId(key.host))
    try {
      await ask(`signal ${name}`, () => handle.signal(name, payload))
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
      throw await refusedSignal(key, await attemptStatus(key), error)
    }
  }

  async function heartbeat(key: AttemptKey, details: object): Promise<'accepted' | 'notFound'> {
    const workflowId = hostWorkflowId(key.host)
    const activityId = watchActivityId(key.generation, key.attempt)
    try {
      await ask('heartbeat', () => client.activity.heartbeat({ workflowId, activityId }, details))
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return 'notFound'
      // The workflow watches no more, yet beats keep the cancelled activity open: draining, or long since replaced.
      if (error instanceof ActivityCancelledError) return 'notFound'
      // Paused and reset are answers about the activity: the beat itself has arrived.
      if (!isAnswer(error)) throw error
    }
    return 'accepted'
  }

  return { signal, heartbeat, attemptStatus }
}

/** The error of an attempt that is proven to be over. */
export const goneError = (reason: string): MusterError =>
  new MusterError('gone', `${reason}; this instance is no longer wanted`)

/** A host that ended and began again between the two calls counts as current: the agent asks once more. */
async function refusedSignal(key: AttemptKey, status: AttemptStatus, cause: Error): Promise<MusterError> {
  if (status.kind === 'gone') return goneError(status.reason)
  return new MusterError('unavailable', `host ${key.host} is being started; try again`, { cause })
}

function isAnswer(error: unknown): boolean {
  return (
    error instanceof WorkflowNotFoundError ||
    error instanceof ActivityNotFoundError ||
    error instanceof ActivityCancelledError ||
    error instanceof ActivityPausedError ||
    error instanceof ActivityResetError
  )
}

function viewOf(description: WorkflowExecutionDescription): Parameters<typeof attemptStatusOf>[0] {
  const firstRunId = description.raw.workflowExecutionInfo?.firstRunId
  const attempt = attributeNumber(description, 'MusterAttempt')
  const phase = attributeText(description, 'MusterPhase')
  return {
    status: description.status.name,
    ...(firstRunId ? { generation: generationOf(firstRunId) } : {}),
    ...(attempt === undefined ? {} : { attempt }),
    ...(phase === undefined ? {} : { phase }),
  }
}
