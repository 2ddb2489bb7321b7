import type { HostSpec, Placement } from '../spec.ts'
import { fraction } from './hash.ts'

/** Zone × type (spot and on-demand apart) that had no stock a short time ago. */
export interface NotedPlace {
  zone: string
  instanceType: string
  spot: boolean
  code: string
  /** ms since 1970 */
  until: number
}

/** The breaker's stop. Fields that are absent match everything. */
export interface Hold {
  scope: 'placement' | 'image' | 'fleet'
  imageId?: string
  zone?: string
  instanceType?: string
  fleet?: string
  reason: string
  until: number
}

export interface PlacementQuestion {
  spec: Pick<HostSpec, 'placements' | 'placementPolicy' | 'imageId'>
  fleet: string
  notes: NotedPlace[]
  holds: Hold[]
  now: number
  /** Same seed, same draw: names the launch. */
  seed: string
}

export type PlacementChoice =
  | { outcome: 'placed'; placement: Placement }
  | { outcome: 'wait'; waitMs: number; reason: string; cause: 'capacity' | 'hold' }

interface Obstacle {
  until: number
  cause: 'capacity' | 'hold'
  text: string
}

/** A wait of nothing would ask again in the same moment. */
const SHORTEST_WAIT_MS = 1_000

/**
 * Where the next instance of a host is made: the first placement that is neither noted nor held (`order`), or one of
 * those by lot and weight (`weighted`). When none is free: how long until the first one is, and why.
 */
export function choosePlacement(question: PlacementQuestion): PlacementChoice {
  const candidates = question.spec.placements.map((placement) => ({
    placement,
    obstacle: obstacleOf(placement, question),
  }))
  const free = candidates.filter(({ obstacle }) => !obstacle).map(({ placement }) => placement)
  const placement = question.spec.placementPolicy === 'order' ? free[0] : draw(free, question.seed)
  if (placement) return { outcome: 'placed', placement }
  const obstacles = candidates.flatMap(({ obstacle }) => (obstacle ? [obstacle] : []))
  const first = obstacles.toSorted((a, b) => a.until - b.until)[0]
  if (!first)
    return {
      outcome: 'wait',
      waitMs: SHORTEST_WAIT_MS,
      reason: 'the spec names no placement',
      cause: 'capacity',
    }
  return {
    outcome: 'wait',
    waitMs: Math.max(SHORTEST_WAIT_MS, first.until - question.now),
    reason: `no placement is free: ${listed(obstacles.map(({ text }) => text))}`,
    cause: first.cause,
  }
}

/** What keeps a placement from use the longest. */
function obstacleOf(
  placement: Placement,
  { spec, fleet, notes, holds, now }: PlacementQuestion,
): Obstacle | undefined {
  const where = `${placement.instanceType} in ${placement.zone}${placement.spot ? ' (spot)' : ''}`
  const noted = notes
    .filter((note) => isNoted(placement, note))
    .map(({ until, code }): Obstacle => ({
      until,
      cause: 'capacity',
      text: `${where} had no stock (${code})`,
    }))
  const held = holds
    .filter((hold) => isHeld({ placement, imageId: spec.imageId, fleet }, hold))
    .map(({ until, scope, reason }): Obstacle => ({
      until,
      cause: 'hold',
      text: `${heldName(scope, where, spec.imageId, fleet)} is held: ${reason}`,
    }))
  return [...held, ...noted].filter(({ until }) => until > now).toSorted((a, b) => b.until - a.until)[0]
}

function isNoted(placement: Placement, note: NotedPlace): boolean {
  const spot = placement.spot !== undefined
  return note.zone === placement.zone && note.instanceType === placement.instanceType && note.spot === spot
}

function isHeld(target: { placement: Placement; imageId: string; fleet: string }, hold: Hold): boolean {
  const { placement, imageId, fleet } = target
  if (hold.scope === 'fleet') return hold.fleet === fleet
  if (hold.scope === 'image') return hold.imageId === imageId
  const same = (wanted: string | undefined, actual: string) => wanted === undefined || wanted === actual
  return (
    same(hold.imageId, imageId) &&
    same(hold.zone, placement.zone) &&
    same(hold.instanceType, placement.instanceType)
  )
}

function heldName(scope: Hold['scope'], where: string, imageId: string, fleet: string): string {
  if (scope === 'fleet') return `fleet ${fleet}`
  return scope === 'image' ? `image ${imageId}` : `${imageId} on ${where}`
}

/** One of the placements by weight; the seed decides. */
function draw(free: Placement[], seed: string): Placement | undefined {
  const total = free.reduce((sum, placement) => sum + weightOf(placement), 0)
  let left = fraction(seed) * total
  for (const placement of free) {
    left -= weightOf(placement)
    if (left < 0) return placement
  }
  return free.at(-1)
}

const weightOf = (placement: Placement): number => placement.weight ?? 1

const MOST_LISTED = 4

function listed(texts: string[]): string {
  const unique = [...new Set(texts)]
  const more = unique.length - MOST_LISTED
  return unique.slice(0, MOST_LISTED).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
