import { DAY_NAMES, FIELD_KINDS, MONTH_NAMES, isFull, valuesOf } from './fields.ts'
import type { FieldKey, FieldSet } from './fields.ts'

/**
 * A range of values. Always whole: with `end` left out the TypeScript client 1.24 sends an end of 1, and the server
 * refuses the schedule or fires it at other times.
 */
export interface SpecRange<Unit> {
  start: Unit
  end: Unit
  step: number
}

export type SpecMonth = Uppercase<(typeof MONTH_NAMES)[number]>
export type SpecDay = Uppercase<(typeof DAY_NAMES)[number]>

/** One calendar of a schedule: all of its fields have to match. */
export interface SpecCalendar {
  second: SpecRange<number>[]
  minute: SpecRange<number>[]
  hour: SpecRange<number>[]
  dayOfMonth: SpecRange<number>[]
  month: SpecRange<SpecMonth>[]
  /** `*` is what the client sends as no range at all, which means every year. */
  year: SpecRange<number>[] | '*'
  dayOfWeek: SpecRange<SpecDay>[]
  comment: string
}

/** What the `spec` of `client.schedule.create` takes (`ScheduleSpec` of `@temporalio/client` 1.24), as far as needed. */
export interface CronScheduleSpec {
  calendars?: SpecCalendar[]
  /** Milliseconds; `offset` from 1970-01-01T00:00:00Z. */
  intervals?: { every: number; offset: number }[]
  skip?: SpecCalendar[]
  timezone: string
}

export type CalendarSets = Readonly<Record<FieldKey, FieldSet>>

/** Bytes; the server refuses longer comments (`maxCommentLen`). */
const MAX_COMMENT_BYTES = 200

/** One Temporal calendar of the sets given; `years` are all of them unless given. */
export function calendarOf(sets: CalendarSets, comment: string, years?: readonly number[]): SpecCalendar {
  const numbers = (key: FieldKey) => rangesOf(key, sets[key])
  return {
    second: numbers('second'),
    minute: numbers('minute'),
    hour: numbers('hour'),
    dayOfMonth: numbers('dayOfMonth'),
    month: numbers('month').map(({ start, end, step }) => ({
      start: monthOf(start),
      end: monthOf(end),
      step,
    })),
    year: years === undefined ? '*' : compress(years),
    dayOfWeek: numbers('dayOfWeek').map(({ start, end, step }) => ({
      start: dayOf(start),
      end: dayOf(end),
      step,
    })),
    comment: shorten(comment),
  }
}

const MONTHS = MONTH_NAMES.map((name) => name.toUpperCase() as SpecMonth)
const DAYS = DAY_NAMES.map((name) => name.toUpperCase() as SpecDay)
const monthOf = (month: number) => MONTHS[month - 1] ?? 'JANUARY'
const dayOf = (day: number) => DAYS[day] ?? 'SUNDAY'

function rangesOf(key: FieldKey, set: FieldSet): SpecRange<number>[] {
  const { min, max } = FIELD_KINDS[key]
  return set.star && isFull(key, set) ? [{ start: min, end: max, step: 1 }] : compress(valuesOf(set))
}

/** Few ranges that hold exactly these rising values: runs of neighbours, or even steps where those need fewer. */
export function compress(values: readonly number[]): SpecRange<number>[] {
  const runs = neighbours(values)
  if (runs.length < LEAST_RUN) return runs
  const stepped = evenSteps(values)
  return stepped.length < runs.length ? stepped : runs
}

function neighbours(values: readonly number[]): SpecRange<number>[] {
  const runs: SpecRange<number>[] = []
  let run: SpecRange<number> | undefined
  for (const value of values) {
    if (run !== undefined && value === run.end + 1) run.end = value
    else runs.push((run = { start: value, end: value, step: 1 }))
  }
  return runs
}

/** The longest even run from the least value, again and again. */
function evenSteps(values: readonly number[]): SpecRange<number>[] {
  const left = new Set(values)
  const ranges: SpecRange<number>[] = []
  for (const start of values) {
    if (!left.has(start)) continue
    const { end, step } = longestRun(start, values, left)
    for (let value = start; value <= end; value += step) left.delete(value)
    ranges.push({ start, end, step })
  }
  return ranges
}

/** A run of two that are not neighbours reads worse than the two values. */
const LEAST_RUN = 3

function longestRun(start: number, values: readonly number[], left: ReadonlySet<number>) {
  let best = { end: start, step: 1, length: 1 }
  for (const second of values) {
    if (second <= start || !left.has(second)) continue
    const step = second - start
    let end = second
    while (left.has(end + step)) end += step
    const length = (end - start) / step + 1
    if (length > best.length && (length >= LEAST_RUN || step === 1)) best = { end, step, length }
  }
  return best
}

function shorten(comment: string): string {
  // Three bytes at most stand for one unit of a string: most comments need no encoder, a tenth of a translation's cost.
  if (comment.length * 3 <= MAX_COMMENT_BYTES) return comment
  const encoder = new TextEncoder()
  if (encoder.encode(comment).length <= MAX_COMMENT_BYTES) return comment
  let short = ''
  let bytes = encoder.encode('…').length
  for (const character of comment) {
    bytes += encoder.encode(character).length
    if (bytes > MAX_COMMENT_BYTES) break
    short += character
  }
  return `${short}…`
}
