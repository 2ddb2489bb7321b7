import { civilDate, dayNumber, daysInMonth, weekday } from './civil.ts'
import { isEmpty } from './fields.ts'
import type { FieldSet } from './fields.ts'
import type { CalendarCron } from './parse.ts'

/** Temporal's server looks no further (`maxCalendarYear`, server 1.32), so neither do we. */
export const LAST_YEAR = 2100

/** Stands for "none left" in the tables. */
const NONE = 255
const DAY = 86_400

/** An expression made ready for the search: tables instead of loops. */
export interface CompiledCron {
  /** `nextHour[v]`: the least allowed hour that is v or later, or {@link NONE}. */
  nextHour: Uint8Array
  nextMinute: Uint8Array
  nextSecond: Uint8Array
  nextMonth: Uint8Array
  /** By the weekday of the first of a month: bit d - 1 is set when day d may fire. */
  daysByFirst: Int32Array
  /** Nothing ever matches. */
  never: boolean
}

/**
 * The rule of robfig/cron's days (`dayMatches` of its `spec.go`): with a star in either field a day has to be in both,
 * without one it is enough to be in one of them.
 */
export function daysNeedBoth({ fields: { dayOfMonth, dayOfWeek } }: CalendarCron): boolean {
  return dayOfMonth.star || dayOfWeek.star
}

/** True when an empty list, such as a lone `,`, leaves nothing to fire at. */
export function hasNoTimes(cron: CalendarCron): boolean {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = cron.fields
  if (isEmpty(second) || isEmpty(minute) || isEmpty(hour) || isEmpty(month)) return true
  const noDay = isEmpty(dayOfMonth)
  const noWeekday = isEmpty(dayOfWeek)
  return daysNeedBoth(cron) ? noDay || noWeekday : noDay && noWeekday
}

/** Builds the tables of an expression. */
export function compileCron(cron: CalendarCron): CompiledCron {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = cron.fields
  const both = daysNeedBoth(cron)
  let monthDays = 0
  for (let day = 1; day <= 31; day += 1) if (dayOfMonth.has[day] === 1) monthDays |= 1 << (day - 1)
  let week = 0
  for (let day = 0; day < 7; day += 1) if (dayOfWeek.has[day] === 1) week |= 1 << day
  const daysByFirst = new Int32Array(7)
  for (let first = 0; first < 7; first += 1) {
    // The week as it begins with the first of the month, then four times more.
    const turned = ((week >>> first) | (week << (7 - first))) & 0x7f
    const weekDays = turned | (turned << 7) | (turned << 14) | (turned << 21) | ((turned & 7) << 28)
    daysByFirst[first] = both ? monthDays & weekDays : monthDays | weekDays
  }
  return {
    nextHour: nextTable(hour),
    nextMinute: nextTable(minute),
    nextSecond: nextTable(second),
    nextMonth: nextTable(month),
    daysByFirst,
    never: hasNoTimes(cron),
  }
}

function nextTable({ has }: FieldSet): Uint8Array {
  const table = new Uint8Array(has.length + 1)
  let next = NONE
  for (let value = has.length; value >= 0; value -= 1) {
    if (has[value] === 1) next = value
    table[value] = next
  }
  return table
}

/**
 * The first match on a clock that never changes, at `local` or later.
 * @param local seconds since 1970-01-01 00:00:00 on that clock
 * @returns the same, or undefined when there is none up to the end of {@link LAST_YEAR}
 */
export function nextLocal(cron: CompiledCron, local: number): number | undefined {
  if (cron.never) return undefined
  const today = Math.floor(local / DAY)
  const { year, month, day } = civilDate(today)
  if (year > LAST_YEAR) return undefined
  const days = daysOf(cron, year, month)
  if ((days >>> (day - 1)) & 1) {
    const time = nextTime(cron, local - today * DAY)
    if (time !== undefined) return today * DAY + time
  }
  const next = nextDay(cron, year, month, day, days)
  return next === undefined ? undefined : next * DAY + firstTime(cron)
}

/** The days of a month that may fire: bit d - 1 for day d. */
function daysOf(cron: CompiledCron, year: number, month: number): number {
  if (cron.nextMonth[month] !== month) return 0
  const days = cron.daysByFirst[weekday(dayNumber(year, month, 1))] ?? 0
  return days & (2 ** daysInMonth(year, month) - 1)
}

/** The first day that may fire after the given one, in days since 1970. */
function nextDay(
  cron: CompiledCron,
  year: number,
  month: number,
  day: number,
  days: number,
): number | undefined {
  const rest = (days >>> day) << day
  if (rest !== 0) return dayNumber(year, month, lowestBit(rest) + 1)
  for (let m = month, y = year; ;) {
    m = cron.nextMonth[m + 1] ?? NONE
    if (m === NONE) {
      y += 1
      m = cron.nextMonth[1] ?? NONE
    }
    if (y > LAST_YEAR) return undefined
    const found = daysOf(cron, y, m)
    if (found !== 0) return dayNumber(y, m, lowestBit(found) + 1)
  }
}

const lowestBit = (bits: number) => 31 - Math.clz32(bits & -bits)

const firstTime = (cron: CompiledCron) => timeOf(cron.nextHour[0], cron.nextMinute[0], cron.nextSecond[0])

const timeOf = (hour = 0, minute = 0, second = 0) => hour * 3_600 + minute * 60 + second

/** The first time of a day that is `time` or later, in seconds of that day. */
function nextTime(cron: CompiledCron, time: number): number | undefined {
  const { nextHour, nextMinute, nextSecond } = cron
  const hour = Math.floor(time / 3_600)
  if (nextHour[hour] === hour) {
    const minute = Math.floor((time % 3_600) / 60)
    if (nextMinute[minute] === minute) {
      const second = nextSecond[time % 60]
      if (second !== NONE) return timeOf(hour, minute, second)
    }
    const later = nextMinute[minute + 1]
    if (later !== NONE) return timeOf(hour, later, nextSecond[0])
  }
  const later = nextHour[hour + 1]
  return later === NONE ? undefined : timeOf(later, nextMinute[0], nextSecond[0])
}
