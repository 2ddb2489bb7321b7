import type { CronSearch } from '../cron/index.ts'

/** Five firings a day for more than a year. What fires more often is asked of the expression again. */
const MAX_KEPT = 2_000

/**
 * The same search, for one that is asked again and again about the same time: keeps the firings after `from` in order.
 *
 * @param from seconds since 1970; nothing before is asked for
 */
export function rememberedSearch(search: CronSearch, from: number): CronSearch {
  const kept: number[] = []
  let last = from
  let isAll = false
  return (after) => {
    while (last <= after && !isAll && kept.length < MAX_KEPT) {
      const time = search(last)
      if (time === undefined) isAll = true
      else kept.push((last = time))
    }
    if (last > after) return kept[firstLater(kept, after)]
    return isAll ? undefined : search(after)
  }
}

/** The index of the first of these ascending times that is later. */
function firstLater(times: readonly number[], after: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? Infinity) > after) high = middle
    else low = middle + 1
  }
  return low
}
