import { refuse } from './errors.ts'

/** Calls a minute by action; `*` for every action without its own. */
export type RateLimits = Record<string, number>

export interface RateLimiter {
  /** Throws Throttling.User: what is refused in a minute stays refused until the next begins. */
  check(action: string, regionId: string): void
  set(limits: RateLimits): void
  limits(): RateLimits
}

const MINUTE_MS = 60_000

/** Counted as the cloud does: by action, region and account, in whole minutes. */
export function createRateLimiter(now: () => number): RateLimiter {
  let limits: RateLimits = {}
  let minute = 0
  const counts = new Map<string, number>()
  return {
    check(action, regionId) {
      const limit = limits[action] ?? limits['*']
      if (limit === undefined) return
      const current = Math.floor(now() / MINUTE_MS)
      if (current !== minute) {
        minute = current
        counts.clear()
      }
      const name = `${action} ${regionId}`
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      if (count <= limit) return
      throw refuse('Throttling.User', undefined, {
        'x-acs-retry-after': String((current + 1) * MINUTE_MS - now()),
      })
    },
    set(more) {
      limits = { ...limits, ...more }
    },
    limits: () => ({ ...limits }),
  }
}
