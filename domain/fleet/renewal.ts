import { spread } from '../durations.ts'
import { expand } from './slots.ts'
import { hasNoInstance, isUp } from './survey-row.ts'
import type { Replacing, SurveyRequest, SurveyRow } from './survey-types.ts'

/** Every host's life ends up to this much earlier than the maximum, so that hosts started together do not end together. */
const LIFETIME_JITTER = 0.1

/**
 * Whether a host is to be replaced: in a rollout because it runs another spec or is forced to, otherwise because it has
 * lived long enough. One that the cloud reclaims is not: it is given up, and another slot takes its place.
 *
 * @param now wall clock, ms
 */
export function isDueForRenewal(
  row: SurveyRow,
  { rolling, specHash, maxLifetimeMs }: SurveyRequest,
  forced: ReadonlySet<number>,
  now: number,
): boolean {
  if (row.reclaimAt !== undefined) return false
  if (rolling && (row.specHash !== specHash || (forced.has(row.slot) && !hasNoInstance(row)))) return true
  if (maxLifetimeMs === undefined || row.readyAt === undefined || row.phase !== 'ready') return false
  return now - row.readyAt > lifetimeMs(maxLifetimeMs, row)
}

/** How long this host may be ready: the same in every survey, another for each slot and generation. */
export const lifetimeMs = (
  maxLifetimeMs: number,
  { slot, generation }: Pick<SurveyRow, 'slot' | 'generation'>,
): number => maxLifetimeMs * (1 - LIFETIME_JITTER * spread(`${generation}/${slot}`))

/** Best first: hosts that are not up, then marked ones, then the oldest. */
export function renewalOrder(rows: SurveyRow[], { marks }: SurveyRequest): SurveyRow[] {
  const marked = new Set(expand(marks))
  const rank = (row: SurveyRow) => (isUp(row) ? (marked.has(row.slot) ? 1 : 2) : 0)
  return rows.toSorted((a, b) => rank(a) - rank(b) || (a.readyAt ?? 0) - (b.readyAt ?? 0) || a.slot - b.slot)
}

/** The host as it is asked, by which it shows later that it has begun. */
export const asReplacing = (row: SurveyRow): Replacing => ({
  slot: row.slot,
  generation: row.generation,
  attempt: row.attempt,
  specHash: row.specHash,
  up: isUp(row),
})
