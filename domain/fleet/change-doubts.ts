import { clockText } from '../durations.ts'
import { rolloutRoom, type FleetPolicy } from './policy.ts'
import { lifetimeMs } from './renewal.ts'
import type { FleetState } from './types.ts'

/** What a fleet is to become. */
export interface WantedFleet {
  size: number
  policy: FleetPolicy
  /** Its hosts' spec is another one than the fleet has now. */
  hasNewSpec: boolean
}

/** A host that does its work. */
export interface ReadyHost {
  slot: number
  generation: string
  /** ms, by the wall clock. */
  readyAt?: number
}

type Running = Pick<FleetState, 'desired' | 'policy' | 'rollout'>

/** A fleet may lose this part of its hosts without a question. */
const UNASKED_PART = 0.2

/**
 * What of a change takes more than a fifth of a fleet's hosts at once, a line each for the person who is to agree: a
 * smaller size, a rollout with many unavailable, a maximum lifetime that many have reached. A rollout that takes few at a
 * time asks nothing: it can be stopped. `now`: wall clock, ms.
 */
export function changeDoubts(
  fleet: string,
  running: Running,
  wanted: WantedFleet,
  ready: readonly ReadyHost[],
  now: number,
): string[] {
  return [
    ...shrinking(running, wanted),
    ...rolling(running, wanted, ready.length),
    ...ageing(running, wanted, ready, now),
  ].map((words) => `fleet ${fleet} ${words}`)
}

const isMuch = (count: number, of: number): boolean => count > of * UNASKED_PART
const percent = (count: number, of: number): string => `${Math.round((count / of) * 100)} %`

function shrinking({ desired }: Running, { size }: WantedFleet): string[] {
  const retired = desired - size
  if (!isMuch(retired, desired)) return []
  return [`would retire ${retired} of its ${desired} hosts (${percent(retired, desired)})`]
}

/** Also while a rollout is in progress that the new policy would speed up. */
function rolling({ policy: before, rollout }: Running, wanted: WantedFleet, ready: number): string[] {
  const { policy, size, hasNewSpec } = wanted
  const away = Math.min(ready, rolloutRoom(policy, size).unavailable)
  const isAllowedNow = away <= rolloutRoom(before, size).unavailable
  const begins = hasNewSpec && policy.rollout.onApply === 'roll'
  if (!isMuch(away, ready) || !(begins || (rollout?.state === 'rolling' && !isAllowedNow))) return []
  const allowed = `as its maxUnavailable of ${policy.rollout.maxUnavailable} allows`
  const what = begins ? 'would be rolled to another spec' : 'would go on with its rollout'
  return [
    `${what} with up to ${away} of its ${ready} ready hosts away at once (${percent(away, ready)}), ${allowed}`,
  ]
}

function ageing(
  { policy: before }: Running,
  { policy, size }: WantedFleet,
  ready: readonly ReadyHost[],
  now: number,
) {
  const { maxLifetimeMs } = policy
  if (maxLifetimeMs === undefined || maxLifetimeMs === before.maxLifetimeMs) return []
  const dueUnder = (limit: number | undefined) =>
    ready.filter((host) => limit !== undefined && now - (host.readyAt ?? now) > lifetimeMs(limit, host))
      .length
  const due = dueUnder(maxLifetimeMs)
  if (!isMuch(due - dueUnder(before.maxLifetimeMs), ready.length)) return []
  const { surge, unavailable } = rolloutRoom(policy, size)
  const pace = `they would be replaced in turn, at most ${surge + unavailable} at a time`
  const share = `${due} of its ${ready.length} ready hosts (${percent(due, ready.length)})`
  return [
    `would find ${share} older than its maximum lifetime of ${clockText(maxLifetimeMs)} at once: ${pace}`,
  ]
}
