import { civilDate, dayNumber, weekday } from './civil.ts'
import { LAST_YEAR } from './compile.ts'
import { zoneOf } from './zone.ts'

/** A day, with its real weekday. */
export interface DatedDay {
  year: number
  month: number
  day: number
  weekday: number
}

/**
 * A change of clocks at which Temporal's server 1.32 fires other times than the wall shows.
 * - `repeated-hour`: the clock goes back by an hour, and the server's arithmetic picks the second of two equal hours
 *   (every zone at or east of Greenwich in winter). It takes the first copy of the repeated hour for a second copy of
 *   the hour before, and leaves out what it had to fire in the other.
 * - `other`: the clock moves by something else than a whole hour on the hour.
 */
export interface ClockHazard {
  kind: 'repeated-hour' | 'other'
  /** ISO date on the wall. */
  date: string
  /** The days and hours in which firings may be wrong. */
  hours: { day: DatedDay; hour: number }[]
}

export interface ZoneAnomalies {
  hazards: readonly ClockHazard[]
  /**
   * Days that begin at 01:00 because midnight is jumped over, in zones west of Greenwich: there the server takes the
   * day for the one before when it looks at the weekday.
   */
  shiftedDays: readonly DatedDay[]
  /** Every offset in force since {@link HAZARDS_SINCE}, seconds. */
  offsets: readonly number[]
}

/** Nothing that Muster schedules fires before; earlier clock changes of a zone must not cause refusals. */
const HAZARDS_SINCE = dayNumber(2025, 1, 1) * 86_400
/** The server knows no years before (`minCalendarYear`). */
const SINCE = dayNumber(2000, 1, 1) * 86_400
const UNTIL = dayNumber(LAST_YEAR + 1, 1, 1) * 86_400
const HOUR = 3_600
const DAY = 86_400

/** By zone name; see {@link zoneOf} about tables. */
const known = new Map<string, ZoneAnomalies>()

/** Where Temporal's server and the clocks of a zone disagree, 2000–2100. Proved against the server in tests/cron. */
export function anomaliesOf(timezone: string): ZoneAnomalies {
  const before = known.get(timezone)
  if (before !== undefined) return before
  const zone = zoneOf(timezone)
  const hazards: ClockHazard[] = []
  const shiftedDays: DatedDay[] = []
  const offsets = new Set<number>()
  let last = zone.stretchAt(SINCE)
  while (last.end < UNTIL) {
    const next = zone.stretchAt(last.end)
    if (next.end > HAZARDS_SINCE) offsets.add(next.offset)
    const change = { at: last.end, before: last.offset, after: next.offset }
    const hazard = change.at < HAZARDS_SINCE ? undefined : hazardOf(change)
    if (hazard !== undefined) hazards.push(hazard)
    if (jumpsOverMidnightWestOfGreenwich(change)) shiftedDays.push(dayAt(change.at + change.after))
    last = next
  }
  if (offsets.size === 0) offsets.add(last.offset)
  const anomalies = { hazards, shiftedDays, offsets: [...offsets] }
  known.set(timezone, anomalies)
  return anomalies
}

interface Change {
  /** Seconds since 1970. */
  at: number
  before: number
  after: number
}

function jumpsOverMidnightWestOfGreenwich({ at, before, after }: Change): boolean {
  const wall = at + before
  return after > before && before < 0 && Math.ceil(wall / DAY) * DAY < at + after
}

function hazardOf({ at, before, after }: Change): ClockHazard | undefined {
  if (after === before) return undefined
  const from = at + Math.min(before, after)
  const to = at + Math.max(before, after)
  const { year, month, day } = dayAt(from)
  const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  if (to - from !== HOUR || from % HOUR !== 0) {
    return { kind: 'other', date, hours: hoursBetween(from - HOUR, to + HOUR) }
  }
  // Go's time.Date takes the second of two equal hours when the wall, read as UTC, lies after the change.
  if (after > before || after < 0) return undefined
  return { kind: 'repeated-hour', date, hours: hoursBetween(from - HOUR, to) }
}

/** The hours on the wall from one to another, the last not included. */
function hoursBetween(from: number, to: number): { day: DatedDay; hour: number }[] {
  const hours: { day: DatedDay; hour: number }[] = []
  for (let wall = Math.floor(from / HOUR) * HOUR; wall < to; wall += HOUR) {
    hours.push({ day: dayAt(wall), hour: (wall - Math.floor(wall / DAY) * DAY) / HOUR })
  }
  return hours
}

function dayAt(wall: number): DatedDay {
  const days = Math.floor(wall / DAY)
  return { ...civilDate(days), weekday: weekday(days) }
}
