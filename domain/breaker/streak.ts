import type { Streak } from './settle.ts'

/** A boot's end as the store remembers it. */
export interface PastBoot {
  at: number
  outcome: 'ready' | 'failed'
  zone: string
  instanceType: string
}

/**
 * The failures since the last success and since an instant (the begin of the window, or the end of the last hold:
 * whoever ends one wants it tried again).
 * @param boots of one subject, the newest first
 * @param since ms since 1970; what was at or before it does not count
 */
export function streakOf(boots: PastBoot[], since: number): Streak {
  const end = boots.findIndex(({ at, outcome }) => outcome === 'ready' || at <= since)
  const failed = end < 0 ? boots : boots.slice(0, end)
  const places = new Set(failed.map(({ zone, instanceType }) => `${zone} ${instanceType}`))
  return { failures: failed.length, places: places.size }
}
