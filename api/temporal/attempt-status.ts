import type { WorkflowExecutionStatusName } from '@temporalio/client'
import type { AttemptKey } from '../../domain/ids.ts'

/** What Temporal's mutable state says of a host workflow; a field that it did not say is absent. */
export interface HostView {
  status: WorkflowExecutionStatusName
  generation?: string
  attempt?: number
  phase?: string
}

/** Whether an attempt still runs. `gone` is proven; everything that is not proven is `current`. */
export type AttemptStatus = { kind: 'gone'; reason: string } | { kind: 'silent' } | { kind: 'current' }

const CLOSED: ReadonlySet<WorkflowExecutionStatusName> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
])

/**
 * Only a proof ends an agent: a closed workflow, another generation, a later attempt, deletion or retirement of this
 * one. Search attributes that are missing or of an earlier attempt prove nothing: they are written with the next phase.
 */
export function attemptStatusOf(view: HostView, key: AttemptKey): AttemptStatus {
  const { host, generation, attempt } = key
  if (CLOSED.has(view.status)) {
    return { kind: 'gone', reason: `host ${host} has ended (${view.status.toLowerCase()})` }
  }
  if (view.generation !== undefined && view.generation !== generation) {
    return { kind: 'gone', reason: `host ${host} is in generation ${view.generation}, not ${generation}` }
  }
  if (view.attempt !== undefined && view.attempt > attempt) {
    return { kind: 'gone', reason: `host ${host} is at attempt ${view.attempt}, past attempt ${attempt}` }
  }
  if (view.attempt !== undefined && view.attempt < attempt) return { kind: 'current' }
  if (view.phase === 'deleting' || view.phase === 'retired') {
    return { kind: 'gone', reason: `attempt ${attempt} of host ${host} is ${view.phase}` }
  }
  return view.phase === 'silent' ? { kind: 'silent' } : { kind: 'current' }
}
