import type { Hold } from '../breaker/hold.ts'
import { stopsUntil, subjectText, touches } from '../breaker/hold.ts'
import type { AttemptKey } from '../ids.ts'
import type { Placement } from '../spec.ts'

/** Zone × type (spot and on-demand apart) that had no stock a short time ago. */
export interface NotedPlace {
  zone: string
  instanceType: string
  spot: boolean
  code: string
  /** ms since 1970 */
  until: number
}

/** What keeps a placement from use. */
export interface Obstacle {
  until: number
  cause: 'capacity' | 'hold'
  /** For people. */
  text: string
}

/** What a launch meets wherever it is made. */
export interface LaunchConditions {
  imageId: string
  fleet: string
  notes: NotedPlace[]
  holds: Hold[]
  /** Who asks: an attempt that is already probing may continue. */
  key: AttemptKey
  now: number
}

/** The obstacle that lasts longest, or the holds that a launch there would probe (none: it is simply free). */
export type Availability = { obstacle: Obstacle } | { obstacle?: never; probes: number[] }

/** Whether a launch may be made at this placement now. */
export function availabilityOf(placement: Placement, conditions: LaunchConditions): Availability {
  const { imageId, fleet, holds, key, now } = conditions
  const { zone, instanceType } = placement
  const touching = holds.filter((hold) => touches(hold, { imageId, zone, instanceType, fleet }))
  const held = touching.flatMap((hold): Obstacle[] => {
    const until = stopsUntil(hold, key, now)
    return until === undefined ? [] : [{ until, cause: 'hold', text: heldText(hold, now) }]
  })
  const [obstacle] = [...held, ...noted(placement, conditions)].toSorted((a, b) => b.until - a.until)
  return obstacle ? { obstacle } : { probes: touching.map(({ id }) => id) }
}

function heldText(hold: Hold, now: number): string {
  const probing = hold.probe && hold.probe.until > now ? `, ${hold.probe.host} probes` : ''
  return `${subjectText(hold)} is held${probing}: ${hold.reason}`
}

function noted(placement: Placement, { notes, now }: LaunchConditions): Obstacle[] {
  const { zone, instanceType } = placement
  const spot = placement.spot !== undefined
  const where = `${instanceType} in ${zone}${spot ? ' (spot)' : ''}`
  return notes
    .filter(
      (note) =>
        note.until > now && note.zone === zone && note.instanceType === instanceType && note.spot === spot,
    )
    .map(({ until, code }) => ({ until, cause: 'capacity', text: `${where} had no stock (${code})` }))
}
