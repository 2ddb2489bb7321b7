import { clockText } from '../durations.ts'
import { backToReady } from './booting.ts'
import { endAttempt, endByWish } from './attempt-end.ts'
import type { EventOf } from './events.ts'
import { goto, isCurrent, note, withCurrent } from './state.ts'
import type { HostPhase, HostState } from './types.ts'

const TAKES_NOTICE: ReadonlySet<HostPhase> = new Set(['launching', 'booting', 'ready', 'silent', 'draining'])

/** A draining host must be away this long before the cloud takes a reclaimed instance. */
const RECLAIM_MARGIN_MS = 60_000

export const welcomed = (state: HostState, event: EventOf<'welcomed'>): HostState =>
  goto(renewed(state, event), 'watch')

/** The cloud's dead-man switch was just set: whatever the host does until then, it is due again after this long. */
export function renewed(state: HostState, { at }: { at: number }): HostState {
  const everyMs = state.spec.deadManRenewEveryMs
  return everyMs === undefined ? state : withCurrent(state, { renewAt: at + everyMs })
}

/** No beat for longer than the heartbeat timeout: a state, not an order to delete. */
export function silent(state: HostState, event: EventOf<'silent'>): HostState {
  const text = `no beat for ${clockText(state.spec.heartbeatTimeoutMs)}`
  return goto({ ...note(state, event.at, 'silent', text), silentSince: event.at }, 'inspect', 'silent')
}

export function inspected(state: HostState, event: EventOf<'inspected'>): HostState {
  if (!event.alive) {
    return endAttempt(note(state, event.at, 'lost', event.reason), event.at, 'lost', event.reason)
  }
  return goto({ ...state, lookedAt: event.at }, 'grace')
}

export const graceOver = (state: HostState): HostState => goto(state, 'judge')

export function judged(state: HostState, event: EventOf<'judged'>): HostState {
  if (event.verdict === 'wait') {
    const told = state.judgement === event.reason ? state : note(state, event.at, 'judged', event.reason)
    return goto({ ...told, judgement: event.reason }, 'judgePause')
  }
  const since = state.silentSince ?? event.at
  const reason = `silent for ${clockText(event.at - since)}: ${event.reason}`
  return endAttempt(note(state, event.at, 'judged', event.reason), event.at, 'silent', reason)
}

export function heard(state: HostState, event: EventOf<'heard'>): HostState {
  if (state.phase !== 'silent' || !isCurrent(state, event.signal)) return state
  return backToReady(note(state, event.at, 'heard', 'heard again'))
}

/** Draining begins: the agent is notified, and has until the drain deadline. */
export function beginDrain(state: HostState, at: number, forMs: number): HostState {
  if (state.phase !== 'ready' || state.liveness === 'none' || forMs <= 0) return endByWish(state, at)
  const text = `draining for at most ${clockText(forMs)}`
  return goto({ ...note(state, at, 'draining', text), drainUntil: at + forMs }, 'tellDrain', 'draining')
}

export const drainTold = (state: HostState): HostState => goto(state, 'awaitDrained')

export function drained(state: HostState, event: EventOf<'drained'>): HostState {
  if (state.phase !== 'draining' || !isCurrent(state, event.signal)) return state
  return endByWish(note(state, event.at, 'drained', 'drained: the workload has ended'), event.at)
}

export const drainDeadline = (state: HostState, event: EventOf<'drainDeadline'>): HostState =>
  endByWish(note(state, event.at, 'drained', 'drain deadline passed; going on'), event.at)

export function workloadFailed(state: HostState, event: EventOf<'workloadFailed'>): HostState {
  const alive = state.phase === 'ready' || state.phase === 'silent'
  if (!alive || !isCurrent(state, event.signal)) return state
  const { reason } = event.signal
  return endAttempt(note(state, event.at, 'workloadFailed', reason), event.at, 'failed', reason)
}

/**
 * The cloud has announced that it takes the instance: drain while there is time. One that still boots is not waited for:
 * it has no work, and would be gone soon after it had some; a launch that is not answered yet is replaced when it is.
 */
export function reclaimNotice(state: HostState, event: EventOf<'reclaimNotice'>): HostState {
  const { signal, at } = event
  if (!isCurrent(state, signal) || !TAKES_NOTICE.has(state.phase) || state.reclaimAt !== undefined)
    return state
  // The cloud takes back only what it has sold as spot: anybody on the machine can say otherwise.
  if (state.current.placement?.spot === undefined) return state
  // It is replaced already as soon as its launch has answered: agents may say so with every beat.
  if (state.phase === 'launching' && state.wish !== undefined) return state
  const told = note(
    state,
    at,
    'reclaim',
    `the cloud takes the instance in ${clockText(signal.inMs)}: ${signal.reason}`,
  )
  const wish = state.wish ?? { kind: 'replace' as const, by: 'cloud', why: signal.reason, drain: true }
  if (state.phase === 'booting') return endByWish({ ...told, wish }, at)
  if (state.phase === 'launching') return { ...told, wish }
  if (state.phase === 'draining') return hurried(told, at, signal.inMs)
  const time = Math.min(state.spec.drainTimeoutMs, signal.inMs - RECLAIM_MARGIN_MS)
  return beginDrain({ ...told, wish, reclaimAt: at + signal.inMs }, at, time)
}

/** It drains already: in less time, perhaps. */
function hurried(state: HostState, at: number, inMs: number): HostState {
  const last = at + Math.max(0, inMs - RECLAIM_MARGIN_MS)
  const sooner = { ...state, reclaimAt: at + inMs, drainUntil: Math.min(state.drainUntil ?? last, last) }
  return state.step === 'awaitDrained' ? goto(sooner, 'awaitDrained') : sooner
}
