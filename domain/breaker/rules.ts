const MINUTE_MS = 60_000

/** When boots are stopped and when they are tried again. */
export interface BreakerRules {
  /** False: no hold is opened automatically; those that are open last until a success or a person ends them. */
  enabled: boolean
  /** Failed boots of one image × zone × type in a row that open a hold on it, 1 … 1,000. */
  failures: number
  /** Failures longer ago than this do not count, ms. At most a day. */
  windowMs: number
  /** From the opening to the first probe, ms; doubles with every failed probe. */
  coolDownMs: number
  /** The longest cool-down, ms. */
  maxCoolDownMs: number
  /** Failed boots of one image in a row, wherever, on at least so many places (zone × type), that hold the image. */
  image: { failures: number; places: number }
  /** Failed boots of one fleet in a row, whatever and wherever, that hold the fleet. Absent: no such hold. */
  fleet?: { failures: number }
}

/**
 * Ten is what ParallelCluster's protected mode takes of a whole queue; here that is the number for an image, and half of
 * it for one place. Three places, so that two bad zones never keep anybody from trying the third: each of the two has
 * its own hold by then.
 */
export const DEFAULT_BREAKER_RULES: BreakerRules = {
  enabled: true,
  failures: 5,
  windowMs: 30 * MINUTE_MS,
  coolDownMs: 10 * MINUTE_MS,
  maxCoolDownMs: 60 * MINUTE_MS,
  image: { failures: 10, places: 3 },
}

/** From the boot deadline to the end of the deadline path, with a worker that restarts in between. */
const PROBE_GRACE_MS = 2 * MINUTE_MS

/** Until when a probe that begins now has its place to itself: a probe whose worker is gone for good never reports. */
export const probeEndsAt = (now: number, bootTimeoutMs: number): number =>
  now + bootTimeoutMs + PROBE_GRACE_MS

/** Pause before the next probe, ms: doubles with every probe that failed. */
export const coolDownAfter = (rules: BreakerRules, failedProbes: number): number =>
  Math.min(rules.maxCoolDownMs, rules.coolDownMs * 2 ** Math.min(failedProbes, 30))

const LONGEST_LOOK_MS = 60_000
const SHORTEST_LOOK_MS = 1_000

/**
 * How often a host that waits for a hold asks again, ms: a hold may end early. A tenth of the cool-down, so that hosts
 * continue soon after, and at most a minute.
 */
export const lookAgainMs = ({ coolDownMs }: BreakerRules): number =>
  Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, coolDownMs / 10))
