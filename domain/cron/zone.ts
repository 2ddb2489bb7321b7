import { MusterError } from '../errors.ts'
import { dayNumber } from './civil.ts'
import { shortened } from './shortened.ts'

/** A stretch of time over which a zone's clocks keep one distance to UTC. Seconds since 1970, `end` not included. */
export interface ZoneStretch {
  start: number
  end: number
  /** Local time minus UTC, in seconds. */
  offset: number
}

export interface Zone {
  name: string
  /** The stretch an instant lies in. A stretch may be cut in two where nothing changes. */
  stretchAt(epochSeconds: number): ZoneStretch
}

/** Stretches are looked up in blocks of 2^28 s, 8.5 years: one needs about 0.5 ms, once. */
const BLOCK = 2 ** 28

/**
 * Two changes nearer than this may be missed. The nearest since 1970 are those around Ramadan, 29 days or more apart
 * (IANA tz database: Africa/Casablanca, Africa/Cairo, Asia/Gaza).
 */
const PROBE = 10 * 86_400

/** By name. A zone's rules do not change while a process runs, so this is a table filled as needed, no state. */
const zones = new Map<string, Zone>()

/**
 * The rules of an IANA time zone, as the runtime's own time zone data (ICU) has them.
 * @throws MusterError `bad_request` for a name that is none
 */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  const clock = clockOf(name)
  const zone = name === 'UTC' || name === 'Etc/UTC' ? fixedZone(name) : createZone(name, clock)
  zones.set(name, zone)
  return zone
}

const fixedZone = (name: string): Zone => {
  const stretch = { start: -Infinity, end: Infinity, offset: 0 }
  return { name, stretchAt: () => stretch }
}

function createZone(name: string, clock: Intl.DateTimeFormat): Zone {
  const blocks = new Map<number, readonly ZoneStretch[]>()
  let last: ZoneStretch = { start: 0, end: 0, offset: 0 }
  return {
    name,
    stretchAt(epochSeconds) {
      if (epochSeconds >= last.start && epochSeconds < last.end) return last
      const index = Math.floor(epochSeconds / BLOCK)
      let block = blocks.get(index)
      if (block === undefined) {
        block = findStretches(clock, index * BLOCK, (index + 1) * BLOCK)
        blocks.set(index, block)
      }
      last = block.find(({ end }) => epochSeconds < end) ?? last
      return last
    },
  }
}

function clockOf(name: string): Intl.DateTimeFormat {
  // Temporal's server and Go take zones by name only, and ICU takes offsets as well.
  if (!/^[A-Za-z]/.test(name)) throw unknownZone(name)
  try {
    const clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    checkLetters(name, clock.resolvedOptions().timeZone)
    return clock
  } catch (error) {
    if (error instanceof MusterError) throw error
    throw unknownZone(name, error)
  }
}

/** ICU does not care about small and capital letters; Temporal's server does. */
function checkLetters(name: string, resolved: string): void {
  const lower = name.toLowerCase()
  const right = [resolved, ...Intl.supportedValuesOf('timeZone')].find((zone) => zone.toLowerCase() === lower)
  if (right === undefined || right === name) return
  throw new MusterError('bad_request', `unknown time zone '${name}': write ${right}`, {
    details: { timezone: name },
  })
}

function unknownZone(name: string, cause?: unknown): MusterError {
  return new MusterError(
    'bad_request',
    `unknown time zone '${shortened(name)}': use a name of the IANA database such as Asia/Shanghai, America/New_York or UTC`,
    { cause, details: { timezone: shortened(name) } },
  )
}

function findStretches(clock: Intl.DateTimeFormat, from: number, to: number): ZoneStretch[] {
  const stretches: ZoneStretch[] = []
  let start = from
  let offset = offsetAt(clock, from)
  for (let seen = from; seen < to;) {
    const next = Math.min(seen + PROBE, to)
    const offsetNext = offsetAt(clock, next)
    if (offsetNext === offset) {
      seen = next
      continue
    }
    const change = firstChange(clock, seen, next, offset)
    stretches.push({ start, end: change, offset })
    start = change
    offset = offsetAt(clock, change)
    seen = change
  }
  if (start < to) stretches.push({ start, end: to, offset })
  return stretches
}

/** The first second after `before` whose offset is another; `after` has another. */
function firstChange(clock: Intl.DateTimeFormat, before: number, after: number, offset: number): number {
  let low = before
  let high = after
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(clock, middle) === offset) low = middle
    else high = middle
  }
  return high
}

const SHOWN = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/

function offsetAt(clock: Intl.DateTimeFormat, epochSeconds: number): number {
  const shown = SHOWN.exec(clock.format(epochSeconds * 1000))?.map(Number)
  if (shown === undefined) throw new MusterError('internal', `no local time for ${epochSeconds} s since 1970`)
  const [, month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = shown
  return dayNumber(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - epochSeconds
}
