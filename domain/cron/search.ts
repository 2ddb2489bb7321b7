import { dayNumber } from './civil.ts'
import { compileCron, LAST_YEAR, nextLocal } from './compile.ts'
import type { CompiledCron } from './compile.ts'
import { secondsOf } from './instant.ts'
import type { Instant } from './instant.ts'
import { parseCron } from './parse.ts'
import type { CronDialect } from './parse.ts'
import { zoneOf } from './zone.ts'
import type { Zone } from './zone.ts'

export interface CronSearchOptions {
  /** IANA name. */
  timezone: string
  /** Default `robfig-v1`. */
  dialect?: CronDialect | undefined
  /** `@every` counts from here. */
  anchor: Instant
}

/**
 * The first firing later than that, both in whole seconds since 1970; undefined when there is none up to the year 2100,
 * where Temporal ends too.
 */
export type CronSearch = (after: number) => number | undefined

const DAY = 86_400
const AFTER_LAST = dayNumber(LAST_YEAR + 1, 1, 1) * DAY

/**
 * An expression made ready to be asked many times: every second in which the clock on the zone's wall shows what the
 * expression asks for. A time that the clock jumps over does not fire; one that it shows twice fires twice.
 * @throws MusterError `bad_request` for a wrong expression, zone or anchor
 */
export function cronSearch(expression: string, { timezone, dialect, anchor }: CronSearchOptions): CronSearch {
  const cron = parseCron(expression, dialect)
  const zone = zoneOf(timezone)
  if (cron.kind === 'every') {
    const { everySeconds: every } = cron
    const start = secondsOf(anchor, 'anchor')
    return (after) => {
      const time = start + (Math.floor((after - start) / every) + 1) * every
      return time < AFTER_LAST ? time : undefined
    }
  }
  const compiled = compileCron(cron)
  return (after) => nextInstant(compiled, zone, after)
}

/** The first matching second after `after`, in seconds since 1970; undefined when there is none. */
function nextInstant(cron: CompiledCron, zone: Zone, after: number): number | undefined {
  // Temporal's last year ends by the clock of Greenwich, and by that on the wall where it ends sooner.
  for (let time = after + 1; time < AFTER_LAST;) {
    const { end, offset } = zone.stretchAt(time)
    const local = nextLocal(cron, time + offset)
    if (local !== undefined && local - offset < Math.min(end, AFTER_LAST)) return local - offset
    // No clock goes back by a day and more, so what follows this stretch shows nothing that was not searched already
    // unless the stretch ends at once.
    const searched = end - time > 2 * DAY
    if (local === undefined && searched) return undefined
    time = local !== undefined && searched ? Math.max(end, local - offset - 2 * DAY) : end
  }
  return undefined
}
