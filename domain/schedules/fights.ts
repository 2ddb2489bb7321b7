import { nextTimes } from '../cron/index.ts'
import type { ActionInputs } from './actions.ts'
import type { ScheduleSpec } from './types.ts'

/** Two schedules of which one undoes or disturbs what the other has just done. */
export interface Fight {
  fleet: string
  /** Names, in order. */
  schedules: [string, string]
  /** The first time it will happen, ms since 1970. */
  at: number
  /** What happens, for people. */
  words: string
}

const MINUTE_MS = 60_000
/** Within this of each other two sizes fight: hosts are still booting when the other comes. */
const NEAR_MS = MINUTE_MS
const LOOK_AHEAD_MS = 35 * 24 * 60 * MINUTE_MS
/** Of the one that fires more seldom: every ten minutes of the time looked at. What fires more often meets soon. */
const MAX_TIMES = 5_040

/**
 * Schedules that scale one fleet to different sizes at the same instant or within a minute of each other, over the coming
 * 35 days. Paused ones are left out.
 *
 * @param from ms since 1970
 */
export function findFights(schedules: readonly ScheduleSpec[], from: number): Fight[] {
  const scaling: Side[] = schedules
    .filter(({ paused }) => paused !== true)
    .flatMap((schedule) => {
      const { scale } = schedule.do as Partial<ActionInputs>
      return scale === undefined ? [] : [{ schedule, ...scale, times: firingsOf(schedule, from) }]
    })
    .toSorted((a, b) => (a.schedule.name < b.schedule.name ? -1 : 1))
  return scaling.flatMap((one, index) =>
    scaling.slice(index + 1).flatMap((other) => {
      if (one.fleet !== other.fleet || one.size === other.size) return []
      const meeting = firstMeeting(one, other)
      return meeting === undefined ? [] : [fightOf(one, other, meeting)]
    }),
  )
}

function firingsOf(schedule: ScheduleSpec, from: number): number[] {
  return next(schedule, from, MAX_TIMES).filter((time) => time <= from + LOOK_AHEAD_MS)
}

const next = ({ expression, timezone, dialect }: ScheduleSpec, from: number, count: number): number[] =>
  nextTimes(expression, { timezone, dialect, from, count, anchor: 0 }).map((time) => time.getTime())

interface Meeting {
  first: number
  second: number
}

/** The first pair of firings that is no further apart than a minute. */
function firstMeeting(one: Side, other: Side): Meeting | undefined {
  const isSwapped = other.times.length < one.times.length
  const [rare, often] = isSwapped ? [other, one] : [one, other]
  for (const time of rare.times) {
    const [near] = next(often.schedule, time - NEAR_MS - 1_000, 1)
    if (near === undefined) return undefined
    if (near - time <= NEAR_MS)
      return isSwapped ? { first: near, second: time } : { first: time, second: near }
  }
  return undefined
}

interface Side {
  schedule: ScheduleSpec
  fleet: string
  size: number
  /** Firings of the coming weeks, ms since 1970. */
  times: number[]
}

function fightOf(one: Side, other: Side, { first, second }: Meeting): Fight {
  const isTogether = first === second
  const [earlier, later] = first <= second ? [one, other] : [other, one]
  const gap = `${Math.abs(first - second) / 1000} s later`
  const at = Math.min(first, second)
  const when = new Date(at).toISOString().replace('.000Z', 'Z')
  const words = isTogether
    ? `both scale fleet ${one.fleet} at ${when}: ${one.schedule.name} to ${one.size}, ${other.schedule.name} to ${other.size}; which one is last is chance`
    : `${earlier.schedule.name} scales fleet ${one.fleet} to ${earlier.size} at ${when}, and ${later.schedule.name} to ${later.size} only ${gap}`
  return { fleet: one.fleet, schedules: [one.schedule.name, other.schedule.name], at, words }
}
