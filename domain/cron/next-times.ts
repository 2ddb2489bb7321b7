import { MusterError } from '../errors.ts'
import { dayNumber } from './civil.ts'
import { secondsOf } from './instant.ts'
import type { Instant } from './instant.ts'
import { cronSearch } from './search.ts'
import type { CronDialect } from './parse.ts'

export interface NextTimesOptions {
  /** IANA name, such as Asia/Shanghai. */
  timezone: string
  /** The times are later than this. */
  from: Instant
  /** How many at most, 0–100,000. */
  count: number
  /** Default `robfig-v1`. */
  dialect?: CronDialect | undefined
  /** `@every` counts from here; default: from `from`, as the Go library does. */
  anchor?: Instant | undefined
}

const MAX_COUNT = 100_000
/** ICU's calendar before this is not the Gregorian one everywhere, and nobody schedules there. */
const EARLIEST = dayNumber(1900, 1, 1) * 86_400

/**
 * The next firing times, later than `from`, as {@link cronSearch} finds them.
 * Fewer than `count` when there are no more up to the year 2100, where Temporal ends too.
 * @throws MusterError `bad_request` for a wrong expression, zone, instant or count
 * @example nextTimes('0 0 3 * * *', { timezone: 'Asia/Shanghai', from: new Date('2026-01-01T00:00:00Z'), count: 5 })
 */
export function nextTimes(expression: string, options: NextTimesOptions): Date[] {
  const { timezone, count, dialect, anchor } = options
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT) {
    throw new MusterError('bad_request', `count is ${count}: give a whole number from 0 to ${MAX_COUNT}`)
  }
  const from = secondsOf(options.from, 'from')
  if (from < EARLIEST) {
    throw new MusterError('bad_request', `from is before 1900: '${String(options.from)}'. Give a later one`)
  }
  const next = cronSearch(expression, { timezone, dialect, anchor: anchor ?? options.from })
  const times: Date[] = []
  let after: number | undefined = from
  while (times.length < count) {
    after = next(after)
    if (after === undefined) break
    times.push(new Date(after * 1000))
  }
  return times
}
