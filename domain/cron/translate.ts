import { MusterError } from '../errors.ts'
import { daysNeedBoth, hasNoTimes } from './compile.ts'
import { describeCron } from './describe.ts'
import { fullSet, isEmpty, isFull } from './fields.ts'
import { secondsOf } from './instant.ts'
import type { Instant } from './instant.ts'
import { parseCron } from './parse.ts'
import type { CalendarCron, CronDialect } from './parse.ts'
import { repairsFor } from './repairs.ts'
import { calendarOf } from './schedule-spec.ts'
import type { CalendarSets, CronScheduleSpec } from './schedule-spec.ts'
import { zoneOf } from './zone.ts'

export interface TranslateOptions {
  /** IANA name, such as Asia/Shanghai. */
  timezone: string
  /** `@every` counts from here, whole seconds; default 1970-01-01T00:00:00Z. Give it, and keep it, to fire from a start. */
  anchor?: Instant | undefined
  /** Default `robfig-v1`. */
  dialect?: CronDialect | undefined
}

export interface TranslatedCron {
  /** For `client.schedule.create({ spec })`: fires exactly at the times of `nextTimes`. */
  spec: CronScheduleSpec
  /** In words: "every day at 03:00:00 Asia/Shanghai". */
  describe: string
}

/**
 * Translates a cron expression to a Temporal schedule with the same firing times, daylight saving included.
 * Temporal's own cron strings are not used: they have other fields, no OR of days and no `?`.
 * @throws MusterError `bad_request` for a wrong expression, zone or anchor, and for a schedule that Temporal would
 * fire at other times (see docs/cron.md)
 * @example translateCron('0 0 3 * * *', { timezone: 'Asia/Shanghai' }).describe // every day at 03:00:00 Asia/Shanghai
 */
export function translateCron(expression: string, options: TranslateOptions): TranslatedCron {
  const { timezone, dialect, anchor } = options
  const cron = parseCron(expression, dialect)
  zoneOf(timezone)
  const start = anchor === undefined ? undefined : secondsOf(anchor, 'anchor')
  const describe = describeCron(cron, { timezone, anchorSeconds: start })
  if (cron.kind === 'calendar') return { spec: specOf(cron, timezone, expression), describe }
  const every = cron.everySeconds
  if (start !== undefined && start > 0 && every > start) throw tooLong(expression, start)
  const offset = ((((start ?? 0) % every) + every) % every) * 1000
  return { spec: { intervals: [{ every: every * 1000, offset }], timezone }, describe }
}

/** Of its own first interval since 1970 the server takes only the end for a firing. */
function tooLong(expression: string, start: number): MusterError {
  const hours = Math.floor(start / 3600)
  return new MusterError(
    'bad_request',
    `cron expression '${expression}': Temporal counts intervals from 1970 and leaves out what comes within the first: write @every ${hours}h or less, which is the time from 1970 to the anchor, or a date`,
  )
}

function specOf(cron: CalendarCron, timezone: string, expression: string): CronScheduleSpec {
  // A schedule without calendars is one that never fires: what an empty list asks for.
  if (hasNoTimes(cron)) return { calendars: [], timezone }
  const { calendars, skip, utcMinutes } = repairsFor(cron, timezone, expression)
  const minute = utcMinutes ?? cron.fields.minute
  const plain = unionOf(cron).map((sets) => calendarOf({ ...sets, minute }, expression))
  return {
    calendars: [...plain, ...calendars],
    ...(skip.length > 0 ? { skip } : {}),
    timezone: utcMinutes === undefined ? timezone : 'UTC',
  }
}

/**
 * A Temporal calendar wants both days; either of them needs two calendars. An instant that both match fires once: the
 * server takes the least next time of all calendars, again and again.
 */
function unionOf(cron: CalendarCron): CalendarSets[] {
  const { fields } = cron
  if (daysNeedBoth(cron)) return [fields]
  const byMonth = { ...fields, dayOfWeek: fullSet('dayOfWeek') }
  const byWeek = { ...fields, dayOfMonth: fullSet('dayOfMonth') }
  if (isFull('dayOfMonth', fields.dayOfMonth)) return [byMonth]
  if (isFull('dayOfWeek', fields.dayOfWeek)) return [byWeek]
  return [byMonth, byWeek].filter((sets) => !isEmpty(sets.dayOfMonth) && !isEmpty(sets.dayOfWeek))
}
