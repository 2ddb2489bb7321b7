import { clockText } from '../durations.ts'
import type { EventOf } from './events.ts'
import { KEPT_ATTEMPTS, backoffMs, goto, isFailure, newAttempt, note, withCurrent } from './state.ts'
import type { AttemptOutcome, AttemptSummary, HostState } from './types.ts'

/**
 * Begins the end of the attempt. For a failure, evidence is collected first; anything else is deleted at once. Once
 * this has begun, `started` no longer changes anything.
 */
export function endAttempt(state: HostState, at: number, outcome: AttemptOutcome, reason: string): HostState {
  const text = `${name(state)}: ${reason}`
  const noted = note(withCurrent(state, { outcome, reason }), at, 'deleting', text, { outcome })
  const hasEvidence = isFailure(outcome) && outcome !== 'lost' && state.current.instanceId !== undefined
  return goto(clearWaits(noted), hasEvidence ? 'evidence' : preserveOrDelete(noted, at), 'deleting')
}

/** Kept instances of one host that keeps failing: enough to inspect, and each of them costs money. */
const MAX_KEPT = 3

function preserveOrDelete(state: HostState, at: number): 'preserve' | 'delete' {
  if (keepMs(state) === 0) return 'delete'
  return state.preserveForMs === undefined && stillKept(state, at).length >= MAX_KEPT ? 'delete' : 'preserve'
}

function keptNow(state: HostState, at: number, isPreserved: boolean): Pick<HostState, 'keptUntil'> {
  const keptUntil = [...stillKept(state, at), ...(isPreserved ? [at + keepMs(state)] : [])]
  return keptUntil.length > 0 ? { keptUntil } : {}
}

const stillKept = ({ keptUntil = [] }: HostState, at: number): number[] =>
  keptUntil.filter((until) => until > at)

/** Ends the attempt because of a request or a cancel. */
export function endByWish(state: HostState, at: number): HostState {
  if (state.cancelled) return endAttempt(state, at, 'cancelled', 'the workflow was cancelled')
  const wish = state.wish
  const outcome = wish?.kind === 'retire' ? 'retired' : 'replaced'
  return endAttempt(state, at, outcome, wish ? `${wish.kind} by ${wish.by}: ${wish.why}` : 'replaced')
}

export const evidenceTaken = (state: HostState, { at }: EventOf<'evidenceTaken'>): HostState =>
  goto(state, preserveOrDelete(state, at))

/** How long the instance is kept for a person to look at; 0: not at all, as for a host that was cancelled. */
export function keepMs(state: HostState): number {
  if (state.current.instanceId === undefined || state.current.outcome === 'cancelled') return 0
  if (state.preserveForMs !== undefined) return state.preserveForMs
  const { outcome } = state.current
  return outcome && isFailure(outcome) && outcome !== 'lost' ? state.spec.preserveFailedMs : 0
}

export function preserved(state: HostState, event: EventOf<'preserved'>): HostState {
  const text = `${name(state)} is kept for ${clockText(keepMs(state))} to look at; no longer part of this host`
  return finishAttempt(note(state, event.at, 'preserved', text), event.at, true)
}

export function gone(state: HostState, event: EventOf<'gone'>): HostState {
  const text = event.note ?? `${name(state)} is gone`
  return finishAttempt(note(state, event.at, 'gone', text), event.at, false)
}

/** Writes the attempt's line and decides what follows: the end, the next attempt at once, or after the back-off. */
export function finishAttempt(state: HostState, at: number, isPreserved: boolean): HostState {
  const outcome = state.current.outcome ?? 'lost'
  const attempts = [...state.attempts, summary(state, at, outcome, isPreserved)].slice(-KEPT_ATTEMPTS)
  const quickFailures = countQuickFailures(state, at)
  const failures = isFailure(outcome) ? Math.max(state.failures + 1, quickFailures) : 0
  const { preserveForMs: _asked, keptUntil: _kept, readyAt: _readyAt, reclaimAt: _reclaimAt, ...rest } = state
  const finished: HostState = {
    ...rest,
    attempts,
    failures,
    quickFailures,
    liveness: 'agent',
    ...keptNow(state, at, isPreserved),
    ...(isFailure(outcome) && { lastFailure: outcome }),
  }
  if (state.cancelled || state.wish?.kind === 'retire') {
    const why = state.cancelled ? 'cancelled' : `retired by ${state.wish?.by}: ${state.wish?.why}`
    return goto(note(finished, at, 'retired', why), 'end', 'retired')
  }
  return beginNext(finished, at, isFailure(outcome) ? backoffMs(state.spec, failures) : 0)
}

/** A workload that has run for this long had worked: its failure is the first again. */
const STEADY_WORK_MS = 10 * 60_000

/**
 * Workloads that failed soon after the start of their agents, in a row. Each of those boots was a success, after which
 * failed boots are counted from zero; but a workload that cannot work must not cost an instance every few seconds.
 */
function countQuickFailures({ current, quickFailures = 0 }: HostState, at: number): number {
  const { outcome, startedAt } = current
  const isQuick = outcome === 'failed' && startedAt !== undefined && at - startedAt < STEADY_WORK_MS
  return isQuick ? quickFailures + 1 : 0
}

function beginNext(state: HostState, at: number, pauseMs: number): HostState {
  const { wish: _done, ...rest } = state
  const next = adoptSpec({ ...rest, current: newAttempt(state.current.n + 1) })
  if (pauseMs === 0) return goto(next, 'plan', 'launching')
  const waitReason = `back-off ${clockText(pauseMs)} after ${state.current.outcome}`
  return goto({ ...next, waitUntil: at + pauseMs, waitReason }, 'wait', 'waiting')
}

/** The spec of the next launch, when one was asked for. */
export function adoptSpec(state: HostState): HostState {
  const { nextSpec, ...rest } = state
  return nextSpec ? { ...rest, specHash: nextSpec.hash, spec: nextSpec.spec } : state
}

export function clearSilence(state: HostState): HostState {
  const { silentSince: _since, lookedAt: _looked, judgement: _judgement, ...rest } = state
  return rest
}

export function clearWaits(state: HostState): HostState {
  const { waitUntil: _until, waitReason: _reason, drainUntil: _drain, ...rest } = state
  return clearSilence(rest)
}

function summary(
  state: HostState,
  at: number,
  outcome: AttemptOutcome,
  isPreserved: boolean,
): AttemptSummary {
  const { n, launch, placement, instanceId, launchedAt, startedAt, reason } = state.current
  return {
    n,
    launches: launch,
    outcome,
    reason: reason ?? outcome,
    ...(placement && { placement }),
    ...(instanceId !== undefined && { instanceId }),
    ...(launchedAt !== undefined && { launchedAt }),
    ...(startedAt !== undefined && { startedAt }),
    ...(isPreserved ? { preserved: true } : { deletedAt: at }),
  }
}

const name = (state: HostState): string => state.current.instanceId ?? `attempt ${state.current.n}`
