import { MusterError } from '../errors.ts'
import { anomaliesOf } from './clock-changes.ts'
import type { ClockHazard, DatedDay } from './clock-changes.ts'
import { daysNeedBoth } from './compile.ts'
import { FIELD_KINDS, fullSet, isFull } from './fields.ts'
import type { FieldKey, FieldSet } from './fields.ts'
import type { CalendarCron } from './parse.ts'
import { calendarOf } from './schedule-spec.ts'
import type { CalendarSets, SpecCalendar } from './schedule-spec.ts'

/** What a schedule needs besides its plain calendars so that Temporal fires what the clock on the wall shows. */
export interface Repairs {
  calendars: SpecCalendar[]
  skip: SpecCalendar[]
  /** Set when the schedule has to run in UTC, with these minutes. */
  utcMinutes?: FieldSet
}

/**
 * Finds the firings that Temporal's server would get wrong in a zone and what puts them right.
 * @throws MusterError `bad_request` when nothing does: better no schedule than one that fires at other times
 */
export function repairsFor(cron: CalendarCron, timezone: string, expression: string): Repairs {
  const { hazards, shiftedDays, offsets } = anomaliesOf(timezone)
  const repairs: Repairs = { calendars: [], skip: [] }
  const hit = hazards.find((hazard) => isWrongBeyondRepair(cron, hazard))
  if (hit !== undefined) {
    const utcMinutes = minutesInUtc(cron, offsets)
    if (utcMinutes === undefined) throw refusal(expression, timezone, hit, waysOut(hazards, hit))
    return { ...repairs, utcMinutes }
  }
  if (hazards.some(({ hours }) => hours.some(({ day, hour }) => firesIn(cron, day, hour)))) {
    repairs.skip.push(
      calendarOf(
        { ...everySecond(), hour: complement('hour', cron.fields.hour) },
        'the hour after these, which Temporal would fire too when clocks go back',
      ),
    )
  }
  const { missing, extra } = weekdayRepairs(cron, shiftedDays)
  for (const days of missing) repairs.calendars.push(datedCalendar(cron.fields, days, SHIFTED))
  for (const days of extra) repairs.skip.push(datedCalendar(everySecond(), days, SHIFTED))
  return repairs
}

const SHIFTED = 'days without a midnight, which Temporal takes for the weekday before'

function isWrongBeyondRepair(cron: CalendarCron, { kind, hours }: ClockHazard): boolean {
  const fires = hours.map(({ day, hour }) => firesIn(cron, day, hour))
  if (kind === 'other') return fires.includes(true)
  // The hour before, and the one that is repeated. Firings of the first appear in the second too: they can be skipped
  // as long as the second never fires. What is left out of the second cannot be put back.
  const [before = false, repeated = false] = fires
  const repeatedHour = hours[1]?.hour ?? 0
  return repeated || (before && cron.fields.hour.has[repeatedHour] === 1)
}

function firesIn(cron: CalendarCron, day: DatedDay, hour: number): boolean {
  return cron.fields.hour.has[hour] === 1 && firesOn(cron, day, day.weekday)
}

function firesOn(cron: CalendarCron, { month, day }: DatedDay, onWeekday: number): boolean {
  const { dayOfMonth, month: months, dayOfWeek } = cron.fields
  if (months.has[month] !== 1) return false
  const inMonth = dayOfMonth.has[day] === 1
  const inWeek = dayOfWeek.has[onWeekday] === 1
  return daysNeedBoth(cron) ? inMonth && inWeek : inMonth || inWeek
}

/** Days on which the server sees the weekday of the day before, where that makes a difference; by date in the year. */
function weekdayRepairs(cron: CalendarCron, shiftedDays: readonly DatedDay[]) {
  const missing = new Map<string, DatedDay[]>()
  const extra = new Map<string, DatedDay[]>()
  for (const day of shiftedDays) {
    const should = firesOn(cron, day, day.weekday)
    if (should === firesOn(cron, day, (day.weekday + 6) % 7)) continue
    const group = should ? missing : extra
    const key = `${day.month}-${day.day}`
    group.set(key, [...(group.get(key) ?? []), day])
  }
  return { missing: missing.values(), extra: extra.values() }
}

function datedCalendar(sets: CalendarSets, days: readonly DatedDay[], comment: string): SpecCalendar {
  const [{ month, day } = { month: 1, day: 1 }] = days
  const dated = {
    ...sets,
    month: only('month', month),
    dayOfMonth: only('dayOfMonth', day),
    dayOfWeek: fullSet('dayOfWeek'),
  }
  return calendarOf(
    dated,
    comment,
    days.map(({ year }) => year),
  )
}

/**
 * An expression that fires in every hour of every day means the same in UTC, if its minutes do not move: true for
 * every zone that is whole hours away, and for the others with minutes such as `0,15,30,45`.
 */
function minutesInUtc(cron: CalendarCron, offsets: readonly number[]): FieldSet | undefined {
  const { minute, hour, month, dayOfMonth, dayOfWeek } = cron.fields
  const inMonth = isFull('dayOfMonth', dayOfMonth)
  const inWeek = isFull('dayOfWeek', dayOfWeek)
  const everyDay = daysNeedBoth(cron) ? inMonth && inWeek : inMonth || inWeek
  if (!everyDay || !isFull('hour', hour) || !isFull('month', month)) return undefined
  const moved = offsets.map((offset) => {
    const has = new Uint8Array(60)
    for (let value = 0; value < 60; value += 1) {
      const minutes = (((value - Math.floor(offset / 60)) % 60) + 60) % 60
      has[minutes] = minute.has[value] ?? 0
    }
    return { has, star: false }
  })
  const [first] = moved
  const whole = offsets.every((offset) => offset % 60 === 0)
  const same = moved.every(({ has }) => has.every((value, index) => value === first?.has[index]))
  return whole && same ? first : undefined
}

function complement(key: FieldKey, { has }: FieldSet): FieldSet {
  const rest = fullSet(key)
  return { has: rest.has.map((value, index) => (has[index] === 1 ? 0 : value)), star: false }
}

function only(key: FieldKey, value: number): FieldSet {
  const has = new Uint8Array(FIELD_KINDS[key].max + 1)
  has[value] = 1
  return { has, star: false }
}

function everySecond(): CalendarSets {
  return {
    second: fullSet('second'),
    minute: fullSet('minute'),
    hour: fullSet('hour'),
    dayOfMonth: fullSet('dayOfMonth'),
    month: fullSet('month'),
    dayOfWeek: fullSet('dayOfWeek'),
  }
}

/** What to write instead: an hour that no trouble of the zone is in, or days without one (in most zones all but Sundays). */
function waysOut(hazards: readonly ClockHazard[], { hours }: ClockHazard): string {
  const troubled = hazards.flatMap((hazard) => hazard.hours)
  const after = (hours.at(-1)?.hour ?? 0) + 1
  const clock = Array.from({ length: 24 }, (_, index) => (after + index) % 24)
  const free = clock.find((hour) => troubled.every((one) => one.hour !== hour))
  const bad = new Set(troubled.map(({ day }) => day.weekday))
  const { names } = FIELD_KINDS.dayOfWeek
  const days = names.filter((_, day) => bad.has(day)).map((name) => name.toUpperCase())
  return [
    ...(free === undefined ? [] : [`another hour, such as ${free}`]),
    ...(days.length === names.length ? [] : [`days other than ${days.join(',')}`]),
    'or the time zone UTC',
  ].join('; ')
}

function refusal(
  expression: string,
  timezone: string,
  { kind, date, hours }: ClockHazard,
  instead: string,
): MusterError {
  const first = `${String(hours[1]?.hour ?? 0).padStart(2, '0')}:00`
  const why =
    kind === 'repeated-hour'
      ? `the hour from ${first} comes twice there when clocks go back (as on ${date}), and Temporal would leave out firings of it`
      : `clocks there move by another step than an hour (as on ${date}), and Temporal would fire at other times around it`
  return new MusterError(
    'bad_request',
    `cron expression '${expression}' in ${timezone}: ${why}. Ways out: ${instead}.`,
    { details: { expression, timezone, date } },
  )
}
