import type { Placement } from '../spec.ts'

/** What went wrong at a place in the last half hour: stock-outs, failed boots. */
export interface PlaceFailures {
  zone: string
  instanceType: string
  /** Absent: of spot and on-demand alike, as failed boots are. */
  spot?: boolean
  count: number
}

/** How long a stock-out or a failed boot makes its place less likely, ms. */
export const RECENT_FAILURES_MS = 30 * 60_000

/**
 * Halvings beyond this change nothing: the weight of a place never falls to zero, because then its recovery would go
 * unnoticed.
 */
const MOST_HALVINGS = 6

/**
 * The share of launches a placement has now: its own weight, halved for every stock-out and every failed boot of the
 * last half hour, at most six times (1/64).
 */
export function weightNow(placement: Placement, recentFailures: PlaceFailures[]): number {
  const count = recentFailures.filter((one) => isOf(placement, one)).reduce((sum, one) => sum + one.count, 0)
  return (placement.weight ?? 1) / 2 ** Math.min(MOST_HALVINGS, count)
}

const isOf = ({ zone, instanceType, spot }: Placement, failures: PlaceFailures): boolean =>
  failures.zone === zone &&
  failures.instanceType === instanceType &&
  (failures.spot ?? spot !== undefined) === (spot !== undefined)
