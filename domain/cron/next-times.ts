import { MusterError } from '../errors.ts'
import { compileCron, LAST_YEAR, nextLocal } from './compile.ts'
import type { CompiledCron } from './compile.ts'
import { dayNumber } from './civil.ts'
import { secondsOf } from './instant.ts'
import type { Instant } from './instant.ts'
import { parseCron } from './parse.ts'
import type { CronDialect } from './parse.ts'
import { zoneOf } from './zone.ts'
import type { Zone } from './zone.ts'

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

const DAY = 86_400
const MAX_COUNT = 100_000
/** ICU's calendar before this is not the Gregorian one everywhere, and nobody schedules there. */
const EARLIEST = dayNumber(1900, 1, 1) * DAY
const AFTER_LAST = dayNumber(LAST_YEAR + 1, 1, 1) * DAY

/**
 * The next firing times: every second, later than `from`, in which the clock on the zone's wall shows what the
 * expression asks for. A time that the clock jumps over does not fire; one that it shows twice fires twice.
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
  const cron = parseCron(expression, dialect)
  const zone = zoneOf(timezone)
  if (cron.kind === 'every') {
    const start = anchor === undefined ? from : secondsOf(anchor, 'anchor')
    return timesEvery(cron.everySeconds, start, from, count)
  }
  const compiled = compileCron(cron)
  const times: Date[] = []
  let after: number | undefined = from
  while (times.length < count) {
    after = nextInstant(compiled, zone, after)
    if (after === undefined) break
    times.push(new Date(after * 1000))
  }
  return times
}

function timesEvery(every: number, start: number, from: number, count: number): Date[] {
  const times: Date[] = []
  let time = start + (Math.floor((from - start) / every) + 1) * every
  for (; times.length < count && time < AFTER_LAST; time += every) times.push(new Date(time * 1000))
  return times
}

/** The first matching second after `after`, in seconds since 1970; undefined when there is none. */
function nextInstant(cron: CompiledCron, zone: Zone, after: number): number | undefined {
  for (let time = after + 1; time < AFTER_LAST;) {
    const { end, offset } = zone.stretchAt(time)
    const local = nextLocal(cron, time + offset)
    if (local !== undefined && local - offset < end)
      return local - offset < AFTER_LAST ? local - offset : undefined
    // No clock goes back by a day and more, so what follows this stretch shows nothing that was not searched already
    // unless the stretch ends at once.
    const searched = end - time > 2 * DAY
    if (local === undefined && searched) return undefined
    time = local !== undefined && searched ? Math.max(end, local - offset - 2 * DAY) : end
  }
  return undefined
}
