import { fraction } from '../../domain/placement/hash.ts'

/** Looks at instances fall together at the points of this grid, so that one call serves a hundred of them. */
export const DEFAULT_GRID_MS = 5_000

/** How long a round of looks stays open for others to join. */
export const gatherMs = (gridMs: number): number => gridMs / 10

/** Between two calls that delete: one a second on the default grid. */
export const deleteSpacingMs = (gridMs: number): number => gridMs / 5

/**
 * From now to the next grid point and a little more that differs by seed, well within the time a round stays open.
 * Temporal serves delays under a second up to 0.7 s late (measured on the dev server, 1.9.1; longer ones within 25 ms): who
 * fails within the last second before a point may come after its round and joins the next one.
 */
export function untilNextPoint(now: number, gridMs: number, seed: string): number {
  const point = (Math.floor(now / gridMs) + 1) * gridMs
  return Math.ceil(point - now + (fraction(seed) * gatherMs(gridMs)) / 2)
}
