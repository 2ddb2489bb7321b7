import type { Rate } from './deps.ts'
import { createLru } from './lru.ts'

/** Hosts and addresses remembered at once; a forgotten one begins with a full bucket. */
const REMEMBERED = 50_000

/**
 * Token buckets by key.
 *
 * @returns a function that takes one token and answers 0, or how many ms to wait when the bucket is empty
 */
export function createRateLimit(rate: Rate): (key: string, now: number) => number {
  const buckets = createLru<{ tokens: number; at: number }>(REMEMBERED)
  const perMs = rate.perSecond / 1000
  return function take(key, now) {
    const bucket = buckets.get(key)
    const tokens =
      bucket === undefined
        ? rate.burst
        : Math.min(rate.burst, bucket.tokens + Math.max(0, now - bucket.at) * perMs)
    if (tokens < 1) {
      if (bucket !== undefined) Object.assign(bucket, { tokens, at: now })
      return Math.ceil((1 - tokens) / perMs)
    }
    if (bucket === undefined) buckets.set(key, { tokens: tokens - 1, at: now })
    else Object.assign(bucket, { tokens: tokens - 1, at: now })
    return 0
  }
}
