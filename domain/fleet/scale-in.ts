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
  /** Told to begin anew, and not up again: it is what a ready one of the surge stands in for. */
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
/** After all that are ready: the surge goes before those it stands in for. */
const REPLACING = 10

function rankOf({ phase, failed, marked, replacing }: ScaleInCandidate): number {
  if (replacing) return REPLACING
  const rank = RANK[phase]
  if (failed && rank < MARKED) return FAILED
  return marked ? Math.min(rank, MARKED) : rank
}

/**
 * Scale-in order: failed, launching, booting, marked by a person, silent, old spec, beyond the desired ones, then the
 * oldest (with `latestFirst` the ones that became ready last); at the end those that begin anew. The same input gives the
 * same order.
 */
export function scaleInOrder(
  candidates: ScaleInCandidate[],
  { specHash, latestFirst }: { specHash: string; latestFirst: boolean },
): ScaleInCandidate[] {
  const isNew = (candidate: ScaleInCandidate) => (candidate.specHash === specHash ? 1 : 0)
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
