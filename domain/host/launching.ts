import { endAttempt, endByWish, clearWaits, adoptSpec } from './attempt-end.ts'
import type { EventOf } from './events.ts'
import { becomeReady } from './booting.ts'
import { refusedText } from './launch-words.ts'
import { isSamePlace, type Place } from '../placement/choose-placement.ts'
import type { HostSpec } from '../spec.ts'
import { autoReleaseAt, goto, note, placeOf, withCurrent, withoutLaunch } from './state.ts'
import type { CurrentAttempt, HostState } from './types.ts'

/** From a refusal that a person must mend (money, a wrong spec) to the next try: 1 min, doubling, at most 10. */
const REFUSED_PAUSE_MS = { first: 60_000, max: 600_000 }

/** A placement is chosen: the launch and its boot deadline begin here, before the cloud is called. */
export function planned(state: HostState, event: EventOf<'planned'>): HostState {
  const bootDeadline = event.at + state.spec.bootTimeoutMs
  const { heldReason: _over, ...free } = state
  const launching = withCurrent(free, {
    placement: event.placement,
    ...(event.keyId !== undefined && { keyId: event.keyId }),
    launchedAt: event.at,
    bootDeadline,
    autoReleaseAt: autoReleaseAt(bootDeadline),
  })
  const { zone, instanceType, spot } = event.placement
  const text = `launch ${state.current.launch}: ${instanceType}${spot ? ' (spot)' : ''} in ${zone}`
  return goto(
    note(launching, event.at, 'planned', text, { zone, instanceType, spot: spot !== undefined }),
    'launch',
    'launching',
  )
}

/** Nothing may be launched now: no stock anywhere, or a hold. Waiting is not booting. */
export function held(state: HostState, event: EventOf<'held'>): HostState {
  const { waitMs, reason } = event
  const waiting = { ...state, waitUntil: event.at + waitMs, waitReason: reason, heldReason: reason }
  const told = state.heldReason === reason ? waiting : note(waiting, event.at, 'held', reason)
  return goto(told, 'wait', 'waiting')
}

/** After an outage, hosts whose instances were lost meanwhile are just silent: only the cloud knows. */
const LOOK_AGAIN_MS = 10 * 60_000

/** A pause is over: look or judge again, or try the next launch. */
export function waited(state: HostState, { at }: EventOf<'waited'>): HostState {
  if (state.step === 'lookupPause') return goto(state, 'lookup')
  if (state.step === 'judgePause') {
    const { lookedAt = at } = state
    return goto(state, at - lookedAt < LOOK_AGAIN_MS ? 'judge' : 'inspect')
  }
  return goto(adoptSpec(clearWaits(state)), 'plan', 'launching')
}

export function launched(state: HostState, event: EventOf<'launched'>): HostState {
  const made = withCurrent(state, { instanceId: event.instanceId })
  return arrived(note(made, event.at, 'launched', `${event.instanceId} accepted`), event.at)
}

/** An instance is known: boot it, greet it when it has spoken already, or end it when it is no longer wanted. */
function arrived(state: HostState, at: number): HostState {
  if (state.cancelled || state.wish) return endByWish(state, at)
  const { claimedId, instanceId, startedAt } = state.current
  if (startedAt !== undefined && claimedId === instanceId) return becomeReady(state, at)
  return goto({ ...state, current: withoutClaim(state.current) }, 'awaitRunning', 'booting')
}

/** Forgets what an agent of another instance has reported: its address, too, would be taken for that of this host. */
function withoutClaim(current: HostState['current']): HostState['current'] {
  const { startedAt: _, bootId: _boot, claimedId: _id, privateIp: _ip, mac: _mac, ...rest } = current
  return rest
}

/** A definite no: the next launch of this attempt has its own token and its own deadline. */
export function refused(state: HostState, event: EventOf<'refused'>): HostState {
  const data = { code: event.code, kind: event.kind }
  const told = note(state, event.at, 'refused', `refused: ${event.code} ${event.message}`, data)
  const refusedAt = event.kind === 'request' ? withPlace(state.current) : state.current.refusedAt
  const current = { ...withoutLaunch(state.current), launch: state.current.launch + 1 }
  const next: HostState = { ...told, current: { ...current, ...(refusedAt && { refusedAt }) } }
  if (state.cancelled || state.wish?.kind === 'retire') return endByWish(next, event.at)
  const fresh = withoutReplaceWish(next)
  if (event.kind === 'capacity' || (event.kind === 'request' && isElsewhere(state)))
    return goto(adoptSpec(fresh), 'plan', 'launching')
  const { waitMs, waitReason } = refusedWait(event.kind, event.code, {
    ...state.current,
    spec: state.spec,
  })
  return goto({ ...fresh, waitUntil: event.at + waitMs, waitReason }, 'wait', 'waiting')
}

/** Where launches of this attempt were refused, this one's place the last. */
function withPlace({ placement, refusedAt = [] }: CurrentAttempt): Place[] {
  if (!placement) return refusedAt
  const place = placeOf(placement)
  return [...refusedAt.filter((other) => !isSamePlace(other, place)), place]
}

const isElsewhere = ({ spec, current: { placement, refusedAt } }: HostState): boolean =>
  placement !== undefined && mayTryElsewhere(spec, placement, refusedAt)

/**
 * Whether a launch whose request was refused is tried at another place at once: the fault may be of this one alone. A place
 * that refuses for the second time was chosen because no other is free, so the host waits.
 */
export function mayTryElsewhere(
  { placements }: Pick<HostSpec, 'placements'>,
  refusing: Place,
  refusedAt: readonly Place[] = [],
): boolean {
  const refused = [...refusedAt, refusing]
  return (
    !refusedAt.some((place) => isSamePlace(place, refusing)) &&
    placements.some((placement) => !refused.some((place) => isSamePlace(place, placement)))
  )
}

/**
 * How long a launch waits that was refused for what only a person can mend, and why. Places that refused one after the
 * other, without a wait, count as one refusal.
 */
export function refusedWait(
  kind: 'account' | 'request',
  code: string,
  {
    launch,
    refusedAt = [],
    spec,
  }: { launch: number; refusedAt?: readonly Place[]; spec: Pick<HostSpec, 'placements'> },
): { waitMs: number; waitReason: string } {
  const before = launch - 1 - Math.min(refusedAt.length, spec.placements.length - 1)
  const waitMs = Math.min(REFUSED_PAUSE_MS.max, REFUSED_PAUSE_MS.first * 2 ** Math.max(0, before))
  return { waitMs, waitReason: refusedText(kind, code) }
}

/** A wish to replace is fulfilled by a launch that has not happened yet. */
function withoutReplaceWish(state: HostState): HostState {
  const { wish, ...rest } = state
  return wish && wish.kind !== 'retire' ? rest : state
}

/** Nobody can say whether an instance was made. Never a new token for it: look it up by tags. */
export function unclear(state: HostState, event: EventOf<'unclear'>): HostState {
  const told = note(state, event.at, 'unclear', `no clear answer to the launch: ${event.reason}`)
  return goto(told, 'lookup', 'launching')
}

/**
 * What the tags say: of all instances, and of the one that an agent has named (lists may be late). The word of an agent
 * alone adopts nothing: it might name somebody else's instance, whose release time would then be ours to change.
 * Absent twice, 60 s apart, is the end of the attempt.
 */
export function found(state: HostState, event: EventOf<'found'>): HostState {
  const [first, ...more] = event.instanceIds
  const looked = withCurrent(state, { lookups: state.current.lookups + 1 })
  if (more.length > 0) {
    return endAttempt(
      looked,
      event.at,
      'unclear',
      `${event.instanceIds.length} instances carry this attempt's tags`,
    )
  }
  if (first !== undefined) return adopt(looked, event.at, first)
  if (looked.current.lookups < 2) return goto(looked, 'lookupPause')
  return endAttempt(
    looked,
    event.at,
    'unclear',
    'the launch gave no clear answer and no instance carries its tags',
  )
}

function adopt(state: HostState, at: number, instanceId: string): HostState {
  const adopted = note(withCurrent(state, { instanceId }), at, 'adopted', `${instanceId} adopted by its tags`)
  return arrived(adopted, at)
}
