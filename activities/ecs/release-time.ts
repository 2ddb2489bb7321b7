import { MIN_AUTO_RELEASE_MS } from '../../domain/spec.ts'

const MINUTE_MS = 60_000

/**
 * An instant as `AutoReleaseTime` wants it, rounded up: the cloud sets the seconds to zero, so anything else would
 * release early (RunInstances, `yyyy-MM-ddTHH:mm:ssZ` in UTC).
 */
export function releaseTime(at: number): string {
  return `${new Date(Math.ceil(at / MINUTE_MS) * MINUTE_MS).toISOString().slice(0, 19)}Z`
}

/** A release `inMs` from now, no sooner than the cloud's own minimum with a minute for the call itself. */
export function releaseTimeFromNow(now: number, inMs: number): string {
  return releaseTime(now + Math.max(inMs, MIN_AUTO_RELEASE_MS + MINUTE_MS))
}
