import type { HostPhase } from '../host/types.ts'

/** What scale-in knows of a host. */
export interface ScaleInCandidate {
  slot: number
  phase: HostPhase
  specHash: string
  /** ms; absent: never was ready. */
  readyAt?: number
}

/** Cheapest to lose first: hosts without work, then those that do none now, then ready ones. */
const RANK: Record<HostPhase, number> = {
  waiting: 0,
  launching: 1,
  booting: 2,
  silent: 3,
  draining: 4,
  ready: 5,
  // On their way out: they do not count any more.
  deleting: 6,
  retired: 7,
}

/** Scale-in order: not yet ready, silent, of an old spec, then the oldest. The same input gives the same order. */
export function scaleInOrder(candidates: ScaleInCandidate[], specHash: string): ScaleInCandidate[] {
  const old = (candidate: ScaleInCandidate) => (candidate.specHash === specHash ? 1 : 0)
  return candidates
    .filter(({ phase }) => phase !== 'retired')
    .toSorted(
      (a, b) =>
        RANK[a.phase] - RANK[b.phase] ||
        old(a) - old(b) ||
        (a.readyAt ?? 0) - (b.readyAt ?? 0) ||
        b.slot - a.slot,
    )
}
