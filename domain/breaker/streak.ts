import type { Streak } from './settle.ts'

/** A boot's end as the store remembers it. */
export interface PastBoot {
  at: number
  launchedAt: number
  outcome: 'ready' | 'failed'
  zone: string
  instanceType: string
}

/**
 * The failures since an instant (the beginning of the window, or the end of the last hold: ending a hold means trying
 * again) whose launches began after that of the last success. Launches are compared, not ends: of hosts launched
 * together the mute ones end twenty minutes after the others, all in a row, and say nothing of the place.
 * @param boots of one subject
 * @param since ms since 1970; what ended at or before it does not count
 */
export function streakOf(boots: PastBoot[], since: number): Streak {
  const succeeded = boots.filter(({ outcome }) => outcome === 'ready').map(({ launchedAt }) => launchedAt)
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...succeeded)
  const failed = boots.filter(
    ({ at, launchedAt, outcome }) => outcome === 'failed' && at > since && launchedAt > lastSuccess,
  )
  const places = new Set(failed.map(({ zone, instanceType }) => `${zone} ${instanceType}`))
  return { failures: failed.length, places: places.size }
}
