import { isGrpcServiceError } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js'
import type { ActionOutcome } from '../../domain/schedules/types.ts'
import { innermostError } from '../../domain/innermost-error.ts'

/** What became of one firing. */
export interface RunOutcome {
  /** `unknown`: the server no longer keeps it. */
  outcome: 'ok' | 'failed' | 'running' | 'unknown'
  /** What was done, or why it failed. */
  text: string
}

/** As gRPC numbers it. */
const NOT_FOUND = 5

type LastEvent = NonNullable<Awaited<ReturnType<typeof lastEvent>>>

/** One question to the server, whether the run has ended or not: lists of schedules ask for many. */
export async function readOutcome(
  client: Client,
  run: { workflowId: string; runId: string },
): Promise<RunOutcome> {
  try {
    const event = await lastEvent(client, run)
    return event === undefined ? { outcome: 'running', text: 'under way' } : await endOf(client, event)
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) {
      return { outcome: 'unknown', text: 'no longer kept' }
    }
    throw error
  }
}

/** The newest event: of a run that has ended the one that ended it. Asked for that alone, the server waits for the end. */
async function lastEvent(client: Client, run: { workflowId: string; runId: string }) {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: run,
    maximumPageSize: 1,
  })
  return history?.events?.[0]
}

async function endOf({ options }: Client, event: LastEvent): Promise<RunOutcome> {
  const { loadedDataConverter: converter } = options
  const {
    workflowExecutionCompletedEventAttributes: completed,
    workflowExecutionFailedEventAttributes: failed,
    workflowExecutionTerminatedEventAttributes: terminated,
  } = event
  if (completed) {
    const [result] = await decodeArrayFromPayloads(converter, completed.result?.payloads)
    return { outcome: 'ok', text: (result as ActionOutcome).did }
  }
  if (failed) {
    const error = await decodeOptionalFailureToOptionalError(converter, failed.failure)
    return {
      outcome: 'failed',
      text: error === undefined ? 'failed' : oneLine(innermostError(error).message),
    }
  }
  if (terminated) {
    return { outcome: 'failed', text: ['terminated', terminated.reason].filter(Boolean).join(': ') }
  }
  if (event.workflowExecutionCanceledEventAttributes) return { outcome: 'failed', text: 'cancelled' }
  if (event.workflowExecutionTimedOutEventAttributes) {
    return { outcome: 'failed', text: 'not done in time: did a worker run?' }
  }
  return { outcome: 'running', text: 'under way' }
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')
