import type { Place } from '../placement/choose-placement.ts'
import { MIN_AUTO_RELEASE_MS, type HostSpec, type Placement } from '../spec.ts'
import { ceilToMinute } from '../durations.ts'
import type {
  AttemptOutcome,
  CurrentAttempt,
  HostEventKind,
  HostPhase,
  HostState,
  HostStep,
} from './types.ts'

/** How many ended attempts the state keeps: the journal has them all. */
export const KEPT_ATTEMPTS = 20

/** Outcomes that count as failures of the host: they bring the back-off and may keep the instance. */
const FAILURES: ReadonlySet<AttemptOutcome> = new Set(['mute', 'lost', 'silent', 'failed', 'unclear'])

export const isFailure = (outcome: AttemptOutcome): boolean => FAILURES.has(outcome)

/** A new host before its first launch. `at`: workflow time, ms. */
export function newHostState(
  input: { host: string; specHash: string; spec: HostSpec; why?: string },
  generation: string,
  at: number,
): HostState {
  const state: HostState = {
    phase: 'launching',
    step: 'plan',
    stepNo: 1,
    generation,
    specHash: input.specHash,
    spec: input.spec,
    current: newAttempt(1),
    failures: 0,
    liveness: 'agent',
    cancelled: false,
    attempts: [],
    seq: 0,
    events: [],
  }
  return note(
    state,
    at,
    'born',
    `generation ${generation} of ${input.host} begins${input.why === undefined ? '' : `: ${input.why}`}`,
  )
}

export const newAttempt = (n: number): CurrentAttempt => ({ n, launch: 1, running: false, lookups: 0 })

/** Moves to another step; the number distinguishes two visits of the same step. */
export const goto = (state: HostState, step: HostStep, phase: HostPhase = state.phase): HostState => ({
  ...state,
  phase,
  step,
  stepNo: state.stepNo + 1,
})

/** Adds a line to the journal. */
export function note(
  state: HostState,
  at: number,
  kind: HostEventKind,
  text: string,
  data?: Record<string, unknown>,
): HostState {
  const seq = state.seq + 1
  const event = { seq, at, kind, attempt: state.current.n, text, ...(data && { data }) }
  return { ...state, seq, events: [...state.events, event] }
}

export const withCurrent = (state: HostState, changes: Partial<CurrentAttempt>): HostState => ({
  ...state,
  current: { ...state.current, ...changes },
})

/**
 * The cloud's own dead-man switch for a launch: it triggers if it has not been cleared well after the boot deadline.
 */
export const autoReleaseAt = (bootDeadline: number): number =>
  ceilToMinute(bootDeadline + MIN_AUTO_RELEASE_MS)

/** Forgets a launch that was definitely refused: its deadline was its own. */
export function withoutLaunch({ n, launch, refusedAt }: CurrentAttempt): CurrentAttempt {
  return { ...newAttempt(n), launch, ...(refusedAt && { refusedAt }) }
}

/** Pause before the next attempt: initial × 2^(failures − 1), at most the maximum. */
export function backoffMs(spec: HostSpec, failures: number): number {
  return Math.min(spec.backoff.maxMs, spec.backoff.initialMs * 2 ** Math.max(0, failures - 1))
}

/** Where the last attempts have failed before their agent was heard, the latest last. */
export const failedPlaces = ({ attempts }: Pick<HostState, 'attempts'>): Place[] =>
  attempts
    .slice(
      attempts.findLastIndex(({ outcome, startedAt }) => startedAt !== undefined || !isFailure(outcome)) + 1,
    )
    .flatMap(({ placement }) => (placement ? [placeOf(placement)] : []))

export const placeOf = ({ zone, instanceType, spot }: Placement): Place => ({
  zone,
  instanceType,
  ...(spot && { spot }),
})

/** True when a message speaks of the instance that this host has now. */
export const isCurrent = (state: HostState, about: { generation: string; attempt: number }): boolean =>
  about.generation === state.generation && about.attempt === state.current.n

export const MAX_LAUNCH_WINDOW_MS = 10 * 60_000

/** How long a launch is tried: at most 10 min and half the boot timeout, so that a lost answer can still be cleared up. */
export const launchWindowMs = (spec: HostSpec): number =>
  Math.min(MAX_LAUNCH_WINDOW_MS, spec.bootTimeoutMs / 2)

/** A renewed release time outlives two missed renewals. */
export const deadManMs = (renewEveryMs: number): number => Math.max(MIN_AUTO_RELEASE_MS, 3 * renewEveryMs)
