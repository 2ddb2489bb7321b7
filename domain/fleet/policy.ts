import { MAX_FLEET_SIZE } from '../spec.ts'

/** A number of hosts, or a share of the desired ones: `10%`. */
export type Amount = number | `${number}%`

/** How a fleet changes its hosts. Not part of the hosts' spec: changing it launches nothing. Plain JSON. */
export interface FleetPolicy {
  rollout: RolloutPolicy
  /** Asked for beyond what is missing, 0–100: what is surplus goes once the desired ones are ready, the slowest first. */
  overAskPercent: number
  /** Hosts older than this are replaced, within surge and unavailable; each up to a tenth earlier, so that not all come at once. */
  maxLifetimeMs?: number
}

export interface RolloutPolicy {
  /** Hosts started beyond the desired ones while others are replaced. A share is rounded up. */
  maxSurge: Amount
  /** Ready hosts that may be missing meanwhile. A share is rounded down. Not both 0. */
  maxUnavailable: Amount
  /** `nextLaunch`: a new spec takes effect with each host's next launch; `roll`: hosts are replaced at once, in turn. */
  onApply: 'roll' | 'nextLaunch'
  /** The rollout stops after this many failed boots of the new spec without a success between. */
  stopAfterFailures: number
}

/** What holds where nothing is said: a running host is not taken from its work because a file was applied. */
export const DEFAULT_POLICY: FleetPolicy = {
  rollout: { maxSurge: '10%', maxUnavailable: 0, onApply: 'nextLaunch', stopAfterFailures: 3 },
  overAskPercent: 0,
}

/** With a shorter lifetime, hosts would mostly be booting. */
export const MIN_LIFETIME_MS = 10 * 60_000

const SHARE = /^(\d{1,3})%$/

/** True for a whole number of hosts, or a share from 0% to 100%. */
function isAmount(value: unknown): value is Amount {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= MAX_FLEET_SIZE
  return typeof value === 'string' && SHARE.test(value) && Number.parseInt(value, 10) <= 100
}

const isNone = (amount: Amount): boolean => Number.parseInt(String(amount), 10) === 0

/** What is wrong with a policy that came from outside; undefined: nothing. */
export function policyProblem({ rollout, overAskPercent, maxLifetimeMs }: FleetPolicy): string | undefined {
  const problem = rolloutProblem(rollout)
  if (problem !== undefined) return problem
  if (!(overAskPercent >= 0 && overAskPercent <= 100)) return 'overAskPercent must be from 0 to 100'
  if (maxLifetimeMs !== undefined && !(maxLifetimeMs >= MIN_LIFETIME_MS)) {
    return 'maxLifetimeMs must be at least 10 minutes'
  }
  return undefined
}

function rolloutProblem(rollout: RolloutPolicy): string | undefined {
  const { maxSurge, maxUnavailable, onApply, stopAfterFailures } = rollout
  if (!isAmount(maxSurge) || !isAmount(maxUnavailable)) {
    return 'maxSurge and maxUnavailable must be whole numbers of hosts, or shares like 10%'
  }
  if (isNone(maxSurge) && isNone(maxUnavailable)) {
    return 'maxSurge and maxUnavailable are both 0: no host could ever be replaced; allow one of them'
  }
  if (onApply !== 'roll' && onApply !== 'nextLaunch') return 'onApply must be roll or nextLaunch'
  if (Number.isInteger(stopAfterFailures) && stopAfterFailures > 0) return undefined
  return 'stopAfterFailures must be a whole number from 1 on'
}

/**
 * Surge and unavailable in hosts; if the percentages of a small fleet round to zero, one host of surge, so that it can
 * make progress.
 */
export function rolloutRoom(
  { rollout }: FleetPolicy,
  desired: number,
): { surge: number; unavailable: number } {
  const surge = hostsOf(rollout.maxSurge, desired, Math.ceil)
  const unavailable = hostsOf(rollout.maxUnavailable, desired, Math.floor)
  return surge + unavailable === 0 ? { surge: 1, unavailable } : { surge, unavailable }
}

const hostsOf = (amount: Amount, desired: number, round: (value: number) => number): number =>
  typeof amount === 'number' ? amount : round((Number.parseInt(amount, 10) * desired) / 100)
