import { clockText } from '../durations.ts'
import type { AttemptKey } from '../ids.ts'
import { isSameAttempt, subjectOf, touches } from './hold.ts'
import type { BootPlace, Hold, HoldSubject } from './hold.ts'
import { coolDownAfter } from './rules.ts'
import type { BreakerRules } from './rules.ts'

/** How one boot ended. */
export interface BootOutcome extends AttemptKey, BootPlace {
  region: string
  /** When the launch began, ms since 1970. */
  launchedAt: number
  /** failed: mute until the boot deadline, or lost before it was ready. */
  outcome: 'ready' | 'failed'
  /** For people: what happened. */
  why: string
}

/** Outcomes of one subject in a row. */
export interface Streak {
  /** Failed boots of launches that no later launch has been a success after, the newest included. */
  failures: number
  /** On how many zone × type. */
  places: number
}

export type Streaks = Record<HoldSubject['scope'], Streak>

export type HoldChange =
  | { kind: 'opened'; hold: Omit<Hold, 'id'> }
  | { kind: 'reopened'; hold: Hold }
  | { kind: 'closed'; hold: Hold }

interface Case {
  outcome: BootOutcome
  /** The holds of the region that are not closed. */
  holds: Hold[]
  /** Of those subjects that no hold stops already; of a failure, itself counted. */
  streaks: Streaks
  rules: BreakerRules
  now: number
}

/**
 * What an outcome does to the holds.
 * - A success closes every hold it touches, no matter which host launched and when: it shows the current state, and
 *   boots were stopped because there was no success.
 * - A failure of the probe opens its holds again for twice as long.
 * - Any other failure under an open hold belongs to a launch that was already in progress: it says nothing new, so the
 *   cool-down stays.
 * - Where there is no hold, the streaks decide.
 */
export function settle({ outcome, holds, streaks, rules, now }: Case): HoldChange[] {
  const touched = holds.filter((hold) => touches(hold, outcome))
  if (outcome.outcome === 'ready') return touched.map((hold) => ({ kind: 'closed', hold }))
  const probed = touched
    .filter(({ probe }) => probe && isSameAttempt(probe, outcome))
    .map((hold): HoldChange => ({ kind: 'reopened', hold: reopened(hold, rules, now) }))
  if (!rules.enabled) return probed
  const opened = SCOPES.filter((scope) => touched.every((hold) => hold.scope !== scope))
    .filter((scope) => isTooMany(scope, streaks[scope], rules))
    .map((scope): HoldChange => ({ kind: 'opened', hold: fresh(scope, outcome, { streaks, rules, now }) }))
  return [...probed, ...opened]
}

const SCOPES = ['placement', 'image', 'fleet'] as const

function isTooMany(scope: HoldSubject['scope'], { failures, places }: Streak, rules: BreakerRules): boolean {
  if (scope === 'placement') return failures >= rules.failures
  if (scope === 'image') return failures >= rules.image.failures && places >= rules.image.places
  return rules.fleet !== undefined && failures >= rules.fleet.failures
}

function fresh(
  scope: HoldSubject['scope'],
  outcome: BootOutcome,
  { streaks, rules, now }: Pick<Case, 'streaks' | 'rules' | 'now'>,
): Omit<Hold, 'id'> {
  const { failures, places } = streaks[scope]
  const where = scope === 'placement' ? '' : ` on ${places} ${places === 1 ? 'place' : 'places'}`
  return {
    ...subjectOf(scope, outcome),
    reason: `${failures === 1 ? '1 boot' : `${failures} boots in a row`} failed${where} within ${clockText(rules.windowMs)}, the last: ${outcome.why}`,
    openedAt: now,
    until: now + coolDownAfter(rules, 0),
    failedProbes: 0,
  }
}

function reopened({ probe: _over, ...hold }: Hold, rules: BreakerRules, now: number): Hold {
  const failedProbes = hold.failedProbes + 1
  return { ...hold, failedProbes, until: now + coolDownAfter(rules, failedProbes) }
}
