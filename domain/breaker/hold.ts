import type { AttemptKey } from '../ids.ts'

/** What one boot was of: image, place and fleet. */
export interface BootPlace {
  imageId: string
  zone: string
  instanceType: string
  fleet: string
}

/** What a hold stops. Fields that its scope does not name are absent and match everything. */
export interface HoldSubject {
  /** placement: image × zone × type; image: an image everywhere; fleet: all of a fleet. */
  scope: 'placement' | 'image' | 'fleet'
  imageId?: string
  zone?: string
  instanceType?: string
  fleet?: string
}

/** The breaker's stop on launches. Instants in ms since 1970. */
export interface Hold extends HoldSubject {
  id: number
  reason: string
  openedAt: number
  /** End of the cool-down: after it one attempt may probe. */
  until: number
  failedProbes: number
  /** The attempt that probes; given up at its `until`. */
  probe?: AttemptKey & { until: number }
}

/** half-open: an attempt probes. */
export type HoldState = 'open' | 'half-open'

export const holdState = ({ probe }: Pick<Hold, 'probe'>, now: number): HoldState =>
  probe && probe.until > now ? 'half-open' : 'open'

/** True when a launch there is stopped by the hold, and its outcome is news for it. */
export function touches(hold: HoldSubject, place: BootPlace): boolean {
  const same = (wanted: string | undefined, actual: string) => wanted === undefined || wanted === actual
  switch (hold.scope) {
    case 'fleet':
      return hold.fleet === place.fleet
    case 'image':
      return hold.imageId === place.imageId
    case 'placement':
      return (
        same(hold.imageId, place.imageId) &&
        same(hold.zone, place.zone) &&
        same(hold.instanceType, place.instanceType)
      )
    default:
      return hold.scope satisfies never
  }
}

/** The subject of a hold of this scope on this place. */
export function subjectOf(scope: HoldSubject['scope'], place: BootPlace): HoldSubject {
  const { imageId, zone, instanceType, fleet } = place
  if (scope === 'fleet') return { scope, fleet }
  return scope === 'image' ? { scope, imageId } : { scope, imageId, zone, instanceType }
}

/** For people: what is held. */
export function subjectText({ scope, imageId, zone, instanceType, fleet }: HoldSubject): string {
  if (scope === 'fleet') return `fleet ${fleet}`
  if (scope === 'image') return `image ${imageId}`
  return `${imageId ?? 'every image'} on ${instanceType ?? 'every type'} in ${zone ?? 'every zone'}`
}

/**
 * Until when the hold stops this attempt; undefined when the attempt may probe, or probes already (it asks again after a
 * lost answer or a stock-out).
 */
export function stopsUntil(hold: Hold, key: AttemptKey, now: number): number | undefined {
  const { probe, until } = hold
  if (probe && probe.until > now) return isSameAttempt(probe, key) ? undefined : probe.until
  return until > now ? until : undefined
}

export const isSameAttempt = (one: AttemptKey, other: AttemptKey): boolean =>
  one.host === other.host && one.generation === other.generation && one.attempt === other.attempt
