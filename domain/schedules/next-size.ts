import { cronSearch } from '../cron/index.ts'
import type { ActionInputs } from './actions.ts'
import type { ScheduleSpec } from './types.ts'

export interface NextSize {
  schedule: string
  size: number
  /** ms since 1970. */
  at: number
}

/**
 * The next firing that gives a fleet another size than this; undefined when no schedule does, those that the config pauses
 * left out.
 *
 * @param from ms since 1970
 */
export function nextSizeOf(
  { name, size }: { name: string; size: number },
  schedules: readonly ScheduleSpec[],
  from: number,
  anchors: ReadonlyMap<string, string>,
): NextSize | undefined {
  const found = schedules.flatMap((schedule): NextSize[] => {
    const { scale } = schedule.do as Partial<ActionInputs>
    if (schedule.paused === true || scale?.fleet !== name || scale.size === size) return []
    const { expression, timezone, dialect } = schedule
    const anchor = anchors.get(schedule.name) ?? 0
    const at = cronSearch(expression, { timezone, dialect, anchor })(Math.floor(from / 1000))
    return at === undefined ? [] : [{ schedule: schedule.name, size: scale.size, at: at * 1000 }]
  })
  return found.toSorted((a, b) => a.at - b.at)[0]
}
