import { durationText } from '../config/duration.ts'
import { cronSearch, type CronSearch } from '../cron/index.ts'
import { fleetOfAction, openAction } from './actions.ts'
import { rememberedSearch } from './remembered-search.ts'
import type { ScheduleSpec } from './types.ts'

/** Two schedules of which one undoes or disturbs what the other has just done. */
export interface ScheduleConflict {
  fleet: string
  /** Names, in order. */
  schedules: [string, string]
  /** The first time it will happen, ms since 1970. */
  at: number
  /** What happens, for people. */
  words: string
}

/** Within this of each other two changes conflict: hosts are still booting when the other comes. */
const NEAR_S = 60
/** More than a year: what is due on a day of the year is found whenever one looks. */
const LOOK_AHEAD_S = 400 * 86_400

/**
 * Schedules that want something else of one fleet at the same instant or within a minute of each other, over the coming 400
 * days: two sizes, a size and a roll, or two rolls. Paused ones are left out. Two firings are compared only where each may
 * be near the other, so that it costs little however often they fire.
 *
 * @param from ms since 1970
 * @param anchors where `@every` counts from, ISO text by name; 1970 for those that are not named
 */
export function findConflicts(
  schedules: readonly ScheduleSpec[],
  from: number,
  anchors: ReadonlyMap<string, string> = new Map(),
): ScheduleConflict[] {
  const start = Math.floor(from / 1000)
  const sides = schedules
    .filter(({ paused }) => paused !== true)
    .flatMap((schedule) => sideOf(schedule, anchors.get(schedule.name) ?? 0, start))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return sides.flatMap((one, index) =>
    sides.slice(index + 1).flatMap((other) => {
      if (one.fleet !== other.fleet || wantTheSame(one, other)) return []
      const meeting = firstMeeting(one, other, start)
      return meeting === undefined ? [] : [conflictOf(one, other, meeting)]
    }),
  )
}

/** One of two schedules, as far as it matters here. */
interface Side {
  name: string
  fleet: string
  /** Absent: it rolls. */
  size?: number
  /** Whole seconds. */
  jitter: number
  next: CronSearch
}

function sideOf(schedule: ScheduleSpec, anchor: string | 0, from: number): Side[] {
  const { name, expression, timezone, dialect, jitterMs } = schedule
  const fleet = fleetOfAction(schedule.do)
  const { kind, input } = openAction(schedule.do)
  if (fleet === undefined) return []
  return [
    {
      name,
      fleet,
      ...(kind === 'scale' && 'size' in input && { size: input.size }),
      jitter: Math.ceil(jitterMs / 1000),
      next: rememberedSearch(cronSearch(expression, { timezone, dialect, anchor }), from),
    },
  ]
}

/** A second roll replaces the hosts once more; a second resize to the same size does nothing. */
const wantTheSame = (one: Side, other: Side): boolean => one.size !== undefined && one.size === other.size

interface Meeting {
  one: number
  other: number
}

/**
 * The first pair of firings that may come no further apart than a minute. Whichever is behind leaps to where it may first
 * be near the other: a step each, so two that fire seldom cost little, and two that fire often meet soon.
 */
function firstMeeting(one: Side, other: Side, from: number): Meeting | undefined {
  const until = from + LOOK_AHEAD_S
  let a = one.next(from)
  let b = other.next(from)
  while (a !== undefined && b !== undefined && Math.min(a, b) <= until) {
    if (b - a > NEAR_S + one.jitter) a = one.next(b - NEAR_S - one.jitter - 1)
    else if (a - b > NEAR_S + other.jitter) b = other.next(a - NEAR_S - other.jitter - 1)
    else return { one: a, other: b }
  }
  return undefined
}

function conflictOf(one: Side, other: Side, meeting: Meeting): ScheduleConflict {
  const isSwapped = meeting.other < meeting.one
  const [first, second] = isSwapped ? [other, one] : [one, other]
  const at = Math.min(meeting.one, meeting.other)
  const gap = Math.abs(meeting.one - meeting.other)
  return {
    fleet: one.fleet,
    schedules: [one.name, other.name],
    at: at * 1000,
    words: wordsOf(first, second, at, gap),
  }
}

function wordsOf(first: Side, second: Side, at: number, gap: number): string {
  const { fleet, jitter } = first
  const when = text(at)
  // The first may come as late as the second, or later.
  const isChance = gap <= jitter
  if (first.size !== undefined && second.size !== undefined && (gap === 0 || isChance)) {
    const spread = jitter + second.jitter > 0 ? ', give or take their jitter' : ''
    return `both scale fleet ${fleet} at ${when}${spread}: ${first.name} to ${first.size}, ${second.name} to ${second.size}; which one is last is chance`
  }
  const deed = first.size === undefined ? `rolls fleet ${fleet}` : `scales fleet ${fleet} to ${first.size}`
  const spread = jitter > 0 ? ` or up to ${durationText(jitter * 1000)} later` : ''
  const lag = gap === 0 ? 'at the same time' : jitter > 0 ? `at ${text(at + gap)}` : `only ${gap} s later`
  return `${first.name} ${deed} at ${when}${spread}, and ${second.name} ${secondDeed(first, second)} ${lag}`
}

const text = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

function secondDeed(first: Side, { size }: Side): string {
  if (size === undefined) return first.size === undefined ? 'rolls it again' : 'rolls it'
  return first.size === undefined ? `scales it to ${size}` : `to ${size}`
}
