import type { HostSpec, Placement } from '../spec.ts'
import { fraction } from './hash.ts'
import type { LaunchConditions, Obstacle } from './obstacle.ts'
import { availabilityOf } from './obstacle.ts'
import type { PlaceFailures } from './weight.ts'
import { weightNow } from './weight.ts'

export interface PlacementQuestion extends Omit<LaunchConditions, 'imageId'> {
  spec: Pick<HostSpec, 'placements' | 'placementPolicy' | 'imageId'>
  /** Stock-outs and failed boots of the last half hour; only for `weighted`. */
  recentFailures: PlaceFailures[]
  /** How often to ask again under a hold, ms: it may end before its time. */
  lookAgainMs: number
  /** Where this host's last boots have failed, one after the other, the latest last; a boot that succeeds empties it. */
  failedAt?: readonly Place[]
  /** Where this attempt's launches were refused for what the place is, the latest last: tried again only when none is left. */
  refusedAt?: readonly Place[]
  /** Same seed, same draw: names the launch. */
  seed: string
}

export type PlacementChoice =
  /** `probes`: holds that must be this attempt's to probe before it launches. */
  | { outcome: 'placed'; placement: Placement; probes: number[] }
  | { outcome: 'wait'; waitMs: number; reason: string; cause: 'capacity' | 'hold' }

/** Zone and type, spot or not. */
export type Place = Pick<Placement, 'zone' | 'instanceType' | 'spot'>

interface Candidate {
  placement: Placement
  probes: number[]
}

/** A wait of nothing would ask again in the same moment. */
const SHORTEST_WAIT_MS = 1_000

/**
 * Where the next instance of a host is made: the first placement that is neither noted nor held and where its last boots
 * have not failed (`order`; where they failed longest ago when none is left), or one of those that are free by lot and
 * weight (`weighted`; a fallback only when nothing else is free). A place whose hold has cooled down is free for one
 * attempt, its probe. When none is free: how long until it is worth asking again, and why.
 */
export function choosePlacement(question: PlacementQuestion): PlacementChoice {
  const { spec } = question
  const assessed = spec.placements.map((placement) => ({
    placement,
    ...availabilityOf(placement, { ...question, imageId: spec.imageId }),
  }))
  const free = assessed.flatMap((one): Candidate[] =>
    one.obstacle ? [] : [{ placement: one.placement, probes: one.probes }],
  )
  const among = easiest(unrefused(free, question))
  const chosen = spec.placementPolicy === 'order' ? inOrder(among, question) : drawn(among, question)
  if (chosen) return { outcome: 'placed', ...chosen }
  return wait(
    assessed.flatMap(({ obstacle }) => (obstacle ? [obstacle] : [])),
    question,
  )
}

function unrefused(free: Candidate[], { refusedAt = [] }: PlacementQuestion): Candidate[] {
  const left = free.filter(({ placement }) => !refusedAt.some((place) => isSamePlace(place, placement)))
  return left.length > 0 ? left : free
}

/**
 * Under a hold on an entire image or fleet every launch is a probe: preferably in a place that has no hold of its own,
 * where it would probably fail.
 */
function easiest(free: Candidate[]): Candidate[] {
  const fewest = Math.min(...free.map(({ probes }) => probes.length))
  return fewest === 0 ? free : free.filter(({ probes }) => probes.length === fewest)
}

/** A zone that fails for just one host gets no hold: the host itself moves on to the next. */
function inOrder(
  free: Candidate[],
  { failedAt = [], refusedAt = [] }: PlacementQuestion,
): Candidate | undefined {
  const bad = [...failedAt, ...refusedAt]
  const failures = free.map(({ placement }) => bad.findLastIndex((place) => isSamePlace(place, placement)))
  return free[failures.indexOf(Math.min(...failures))]
}

export const isSamePlace = (one: Place, other: Place): boolean =>
  one.zone === other.zone &&
  one.instanceType === other.instanceType &&
  (one.spot === undefined) === (other.spot === undefined)

function wait(
  obstacles: Obstacle[],
  { now, lookAgainMs, key }: PlacementQuestion,
): Extract<PlacementChoice, { outcome: 'wait' }> {
  const first = obstacles.toSorted((a, b) => a.until - b.until)[0]
  if (!first) {
    const reason = 'the spec names no placement'
    return { outcome: 'wait', waitMs: SHORTEST_WAIT_MS, reason, cause: 'capacity' }
  }
  const leftMs = first.until - now
  // Hosts that began to wait together come back one after another.
  const mostMs = lookAgainMs * (1 + fraction(key.host))
  const isHeld = obstacles.some(({ cause }) => cause === 'hold')
  return {
    outcome: 'wait',
    waitMs: Math.max(SHORTEST_WAIT_MS, isHeld ? Math.min(leftMs, Math.round(mostMs)) : leftMs),
    reason: `no placement is free: ${listed(obstacles.map(({ text }) => text))}`,
    cause: first.cause,
  }
}

/** One of the candidates by weight; the seed decides. */
function drawn(free: Candidate[], { seed, recentFailures }: PlacementQuestion): Candidate | undefined {
  const first = free.filter(({ placement }) => !placement.fallback)
  const among = (first.length > 0 ? first : free).map((candidate) => ({
    candidate,
    weight: weightNow(candidate.placement, recentFailures),
  }))
  const total = among.reduce((sum, { weight }) => sum + weight, 0)
  let left = fraction(seed) * total
  for (const { candidate, weight } of among) {
    left -= weight
    if (left < 0) return candidate
  }
  return among.at(-1)?.candidate
}

const MOST_LISTED = 4

function listed(texts: string[]): string {
  const unique = [...new Set(texts)]
  const more = unique.length - MOST_LISTED
  return unique.slice(0, MOST_LISTED).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
