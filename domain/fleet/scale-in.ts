import type { HostPhase } from '../host/types.ts'

/** What scale-in knows of a host. */
export interface ScaleInCandidate {
  slot: number
  phase: HostPhase
  specHash: string
  /** An attempt of it has failed. */
  failed: boolean
  /** A person wants it to go first. */
  marked: boolean
  /** Started beyond the desired ones. */
  surge: boolean
  /** It was ready and has been asked to start over: the surge replaces it meanwhile. */
  replacing: boolean
  /** ms; absent: never was ready. */
  readyAt?: number
}

/** Cheapest to lose first: hosts without work, then marked ones, then those that do none now, then ready ones. */
const RANK: Record<HostPhase, number> = {
  waiting: 1,
  launching: 2,
  booting: 3,
  silent: 5,
  draining: 6,
  ready: 7,
  // On their way out: they do not count any more.
  deleting: 8,
  retired: 9,
}
const FAILED = 0
const MARKED = 4
function rankOf({ phase, failed, marked, replacing }: ScaleInCandidate): number {
  // It comes back: treated as ready, so that the surge is removed before the hosts that it replaces.
  const rank = replacing ? RANK.ready : RANK[phase]
  if (failed && rank < MARKED) return FAILED
  return marked ? Math.min(rank, MARKED) : rank
}

/**
 * Scale-in order: failed, launching, booting, marked by a person, silent, old spec, beyond the desired ones, then the
 * oldest (with `latestFirst` the ones that became ready last). Those that start over are as the ready ones of the new spec.
 * The same input gives the same order.
 */
export function scaleInOrder(
  candidates: ScaleInCandidate[],
  { specHash, latestFirst }: { specHash: string; latestFirst: boolean },
): ScaleInCandidate[] {
  const isNew = (candidate: ScaleInCandidate) =>
    candidate.specHash === specHash || candidate.replacing ? 1 : 0
  const isNormal = (candidate: ScaleInCandidate) => (candidate.surge ? 0 : 1)
  const age = (candidate: ScaleInCandidate) => (candidate.readyAt ?? 0) * (latestFirst ? -1 : 1)
  return candidates
    .filter(({ phase }) => phase !== 'retired')
    .toSorted(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        isNew(a) - isNew(b) ||
        isNormal(a) - isNormal(b) ||
        age(a) - age(b) ||
        b.slot - a.slot,
    )
}
