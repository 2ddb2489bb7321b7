import { parseHostId, type AttemptKey, type HostId } from '../ids.ts'
import { clockText } from '../durations.ts'
import { LAUNCH_WORDS } from './launch-words.ts'
import type { HostPhase, HostRecord, HostState } from './types.ts'

export const attemptKey = (host: HostId, state: HostState): AttemptKey => ({
  host,
  generation: state.generation,
  attempt: state.current.n,
})

/** What is written about the host with its next activity. `at`: workflow time, ms. */
export function recordOf(host: HostId, state: HostState, at: number): HostRecord {
  const { current, spec } = state
  const { fleet, slot } = parseHostId(host)
  return {
    ...attemptKey(host, state),
    fleet,
    slot,
    phase: state.phase,
    seq: state.seq,
    at,
    specHash: state.specHash,
    imageId: spec.imageId,
    region: spec.region,
    liveness: state.liveness,
    reason: reasonOf(state),
    events: state.events,
    ...(current.placement && { zone: current.placement.zone, instanceType: current.placement.instanceType }),
    ...defined({
      instanceId: current.instanceId,
      privateIp: current.privateIp,
      mac: current.mac,
      keyId: current.keyId,
      launchedAt: current.launchedAt,
      bootDeadline: current.bootDeadline,
      waitUntil: state.waitUntil,
      readyAt: state.readyAt,
      reclaimAt: state.reclaimAt,
      wish: state.wish?.kind,
      failure: state.lastFailure,
    }),
  }
}

/** One short line for lists: why the host is where it is. */
export const reasonOf = (state: HostState): string => REASON[state.phase](state)

const wishText = ({ wish }: HostState): string => (wish ? `${wish.kind} by ${wish.by}: ${wish.why}` : '')

function launchText({ step, current }: HostState): string {
  if (step === 'lookup' || step === 'lookupPause') return LAUNCH_WORDS.lookup
  return current.n > 1 ? `attempt ${current.n}` : ''
}

/** Of a silent host that has not been judged yet. */
export const NO_BEATS = 'no beats'

const REASON: Record<HostPhase, (state: HostState) => string> = {
  waiting: (state) => state.waitReason ?? '',
  launching: launchText,
  booting: (state) => `waits for "started", at most ${clockText(state.spec.bootTimeoutMs)}`,
  ready: wishText,
  silent: (state) => state.judgement ?? NO_BEATS,
  draining: wishText,
  deleting: (state) => state.current.reason ?? '',
  retired: (state) => state.attempts.at(-1)?.reason ?? '',
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends Record<string, unknown>>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** Events that have been written leave the state. */
export const written = (state: HostState, upToSeq: number): HostState => ({
  ...state,
  events: state.events.filter((event) => event.seq > upToSeq),
})
