/** How long to wait between tries: doubling from `baseMs`, never above `capMs`. */
export interface BackOff {
  baseMs: number
  capMs: number
}

/** For every post. 30 s at most: an API that is back must not wait minutes for its hosts. */
export const POST_BACK_OFF: BackOff = { baseMs: 500, capMs: 30_000 }

/** For the metadata service, which is down only while the network comes up. */
export const METADATA_BACK_OFF: BackOff = { baseMs: 200, capMs: 5_000 }

/** Refused by the API in a way that an operator can repair (key, clock, wrong attempt): asked again this often. */
export const REFUSED_RETRY_MS = 60_000

/**
 * Full jitter: anywhere between 0 and the doubled delay, so that a thousand hosts that lost the API together do not
 * come back together.
 *
 * @param tries tries that failed so far, from 1
 * @param random 0 ≤ x < 1
 */
export function fullJitterMs(tries: number, backOff: BackOff, random: number): number {
  return Math.round(ceilingMs(tries, backOff) * random)
}

/** The doubled delay without jitter, for things of this host alone. */
export function ceilingMs(tries: number, { baseMs, capMs }: BackOff): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(Math.max(tries - 1, 0), 30))
}

/** `Retry-After` in milliseconds, for both its forms (seconds, HTTP date); undefined when absent or not readable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined
}

/** A server's wish is followed, but not into a silence that looks like a dead host. */
const MAX_RETRY_AFTER_MS = 60_000
