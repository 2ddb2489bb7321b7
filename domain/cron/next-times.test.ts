import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FIELD_KEYS, FIELD_KINDS } from './fields.ts'
import type { FieldKey } from './fields.ts'
import { nextTimes } from './next-times.ts'
import { parseCron } from './parse.ts'

const RUNS = process.env['MUSTER_DEEP'] ? 3_000 : 250
/** The wall is read from the runtime, some 5 µs each time, for every minute or second of a window. */
const LONG_MS = 600_000

const iso = (times: readonly Date[]) => times.map((time) => time.toISOString().replace('.000Z', 'Z'))
const next = (expression: string, timezone: string, from: string, count = 3) =>
  iso(nextTimes(expression, { timezone, from, count }))

describe('when clocks change', () => {
  test('a time that is jumped over does not fire that day', () => {
    expect(next('0 30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-09T06:30:00Z',
      '2026-03-10T06:30:00Z',
    ])
  })

  test('a time that comes twice fires twice', () => {
    expect(next('0 30 1 * * *', 'America/New_York', '2026-11-01T00:00:00Z')).toEqual([
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:30:00Z',
      '2026-11-02T06:30:00Z',
    ])
    expect(next('0 30 2 * * *', 'Europe/Berlin', '2026-10-24T22:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
    ])
  })

  test('a day without a midnight, and its year, are not lost', () => {
    expect(next('0 0 0 5 11 *', 'America/Sao_Paulo', '2018-11-01T12:00:00Z', 1)).toEqual([
      '2018-11-05T02:00:00Z',
    ])
    expect(next('0 0 12 * * 0', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 1)).toEqual([
      '2018-11-04T14:00:00Z',
    ])
    expect(next('0 0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 1)).toEqual([
      '2018-11-05T02:00:00Z',
    ])
  })

  test('half an hour and a whole day are jumped over just the same', () => {
    expect(next('0 15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 1)).toEqual([
      '2026-10-04T15:15:00Z',
    ])
    expect(next('0 0 12 30 12 *', 'Pacific/Apia', '2011-01-01T00:00:00Z', 1)).toEqual([
      '2012-12-29T22:00:00Z',
    ])
  })
})

describe('the search', () => {
  test('goes on beyond five years, and ends with the year 2100', () => {
    expect(next('0 0 0 29 2 */7', 'UTC', '2024-03-01T00:00:00Z', 2)).toEqual([
      '2032-02-29T00:00:00Z',
      '2060-02-29T00:00:00Z',
    ])
    expect(next('0 0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z')).toEqual([])
    expect(next('0 59 23 31 12 *', 'America/New_York', '2099-12-30T00:00:00Z')).toEqual([
      '2100-01-01T04:59:00Z',
    ])
    expect(next('@hourly', 'UTC', '2101-01-01T00:00:00Z')).toEqual([])
    expect(next('0 0 0 31 2 *', 'Europe/Berlin', '2026-01-01T00:00:00Z')).toEqual([])
  })

  test('is strictly later than from, whose parts of a second do not count', () => {
    expect(next('* * * * * *', 'UTC', '2026-01-01T00:00:00.999Z', 1)).toEqual(['2026-01-01T00:00:01Z'])
    expect(next('* * * * * *', 'UTC', '1969-12-31T23:59:58.500Z', 2)).toEqual([
      '1969-12-31T23:59:59Z',
      '1970-01-01T00:00:00Z',
    ])
  })

  test('of @every counts from the anchor, or from from', () => {
    expect(next('@every 1h30m', 'UTC', '2026-01-01T10:20:30.5Z', 2)).toEqual([
      '2026-01-01T11:50:30Z',
      '2026-01-01T13:20:30Z',
    ])
    const anchored = (from: string) =>
      iso(nextTimes('@every 1h', { timezone: 'UTC', from, count: 1, anchor: '2026-01-01T00:10:00Z' }))
    expect(anchored('2026-01-01T05:10:00Z')).toEqual(['2026-01-01T06:10:00Z'])
    expect(anchored('2025-12-31T23:00:00Z')).toEqual(['2025-12-31T23:10:00Z'])
  })

  test('refuses a count or a start that makes no sense', () => {
    const of =
      (count: number, from = '2026-01-01T00:00:00Z') =>
      () =>
        nextTimes('@daily', { timezone: 'UTC', from, count })
    expect(of(0)()).toEqual([])
    expect(of(-1)).toThrow('count is -1: give a whole number from 0 to 100000')
    expect(of(1.5)).toThrow('count is 1.5')
    expect(of(1, 'tomorrow')).toThrow('from is not a point in time')
    expect(of(1, '1850-01-01T00:00:00Z')).toThrow('from is before 1900')
  })
})

/** What the wall shows, read from the runtime itself. */
function wallOf(timezone: string): (ms: number) => Record<FieldKey, number> {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    weekday: 'short',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (ms) => {
    const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]))
    const dayOfWeek = FIELD_KINDS.dayOfWeek.names.indexOf((parts['weekday'] ?? '').toLowerCase())
    const [second, minute, hour, dayOfMonth, month] = ['second', 'minute', 'hour', 'day', 'month'].map(
      (type) => Number(parts[type]),
    ) as [number, number, number, number, number]
    return { second, minute, hour, dayOfMonth, month, dayOfWeek }
  }
}

/** The rule as robfig/cron documents it, looked up value by value. */
function matches(expression: string, wall: Record<FieldKey, number>): boolean {
  const cron = parseCron(expression)
  if (cron.kind !== 'calendar') return false
  const { fields } = cron
  const isIn = (key: FieldKey) => fields[key].has[wall[key]] === 1
  const days =
    fields.dayOfMonth.star || fields.dayOfWeek.star
      ? isIn('dayOfMonth') && isIn('dayOfWeek')
      : isIn('dayOfMonth') || isIn('dayOfWeek')
  return days && (['second', 'minute', 'hour', 'month'] as const).every(isIn)
}

const zones = fc.constantFrom(
  'UTC',
  'Asia/Shanghai',
  'America/New_York',
  'America/Sao_Paulo',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Kathmandu',
)

const field = (key: FieldKey) => {
  const { min, max } = FIELD_KINDS[key]
  const value = fc.integer({ min, max })
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const stepped = fc.tuple(
    fc.oneof(range, fc.constantFrom('*', '?'), value.map(String)),
    fc.integer({ min: 1, max: 20 }),
  )
  const item = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('*', '?') },
    value.map(String),
    range,
    stepped.map(([start, step]) => `${start}/${step}`),
  )
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','))
}

const expressions = fc.tuple(...FIELD_KEYS.map(field)).map((fields) => fields.join(' '))

/** Instants around changes of clocks, and others. */
const CHANGES = [
  '2026-03-08T07:00:00Z',
  '2026-11-01T06:00:00Z',
  '2018-11-04T03:00:00Z',
  '2018-02-18T02:00:00Z',
]
const MORE_CHANGES = [
  '2026-10-25T01:00:00Z',
  '2026-03-29T01:00:00Z',
  '2026-04-04T15:00:00Z',
  '2026-04-23T22:00:00Z',
]
const instants = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CHANGES, ...MORE_CHANGES), fc.integer({ min: -9_000, max: 9_000 }))
    .map(([at, seconds]) => Date.parse(at) + seconds * 1000),
  fc
    .integer({ min: Date.UTC(2000, 0) / 1000, max: Date.UTC(2036, 0) / 1000 })
    .map((seconds) => seconds * 1000),
)

describe('for any expression, zone and start', () => {
  test(
    'times rise, are later than the start, and are what the wall shows',
    () => {
      fc.assert(
        fc.property(expressions, zones, instants, (expression, timezone, from) => {
          const wall = wallOf(timezone)
          let last = from
          for (const time of nextTimes(expression, { timezone, from, count: 8 })) {
            expect(time.getTime()).toBeGreaterThan(last)
            expect(matches(expression, wall(time.getTime()))).toBe(true)
            last = time.getTime()
          }
        }),
        { numRuns: RUNS, seed: 4 },
      )
    },
    LONG_MS,
  )

  test(
    'no minute of two days is missing and none fires twice',
    () => {
      const cases = fc.tuple(expressions, zones, instants)
      fc.assert(
        fc.property(cases, ([expression, timezone, from]) => {
          const [, ...others] = expression.split(' ')
          const minutely = ['0', ...others].join(' ')
          const start = Math.floor(from / 60_000) * 60_000
          const wall = wallOf(timezone)
          const found: number[] = []
          for (let at = start + 60_000; at <= start + 2 * 86_400_000; at += 60_000) {
            if (matches(minutely, wall(at))) found.push(at)
          }
          const times = nextTimes(minutely, { timezone, from: start, count: 3_000 }).map((time) =>
            time.getTime(),
          )
          expect(times.filter((time) => time <= start + 2 * 86_400_000)).toEqual(found)
        }),
        { numRuns: Math.ceil(RUNS / 12), seed: 5 },
      )
    },
    LONG_MS,
  )

  test(
    'no second of twenty minutes is missing',
    () => {
      fc.assert(
        fc.property(expressions, zones, instants, (expression, timezone, from) => {
          const wall = wallOf(timezone)
          const found: number[] = []
          for (let at = from + 1000; at <= from + 1_200_000; at += 1000) {
            if (matches(expression, wall(at))) found.push(at)
          }
          const times = nextTimes(expression, { timezone, from, count: 1_201 }).map((time) => time.getTime())
          expect(times.filter((time) => time <= from + 1_200_000)).toEqual(found)
        }),
        { numRuns: Math.ceil(RUNS / 10), seed: 6 },
      )
    },
    LONG_MS,
  )
})

test('the last year ends by the clock of Greenwich, or by that on the wall where it ends sooner', () => {
  const last = (timezone: string) =>
    nextTimes('59 59 23 31 12 *', { timezone, from: '2099-06-01T00:00:00Z', count: 5 }).map((time) =>
      time.toISOString(),
    )
  expect(last('America/New_York')).toEqual(['2100-01-01T04:59:59.000Z'])
  expect(last('Asia/Tokyo')).toEqual(['2099-12-31T14:59:59.000Z', '2100-12-31T14:59:59.000Z'])
})

test('a day that a zone has left out does not fire', () => {
  // Samoa went over the date line at the end of 2011-12-29.
  const days = nextTimes('0 0 12 * * *', { timezone: 'Pacific/Apia', from: '2011-12-28T00:00:00Z', count: 4 })
  expect(days.map((time) => time.toISOString())).toEqual([
    '2011-12-28T22:00:00.000Z',
    '2011-12-29T22:00:00.000Z',
    '2011-12-30T22:00:00.000Z',
    '2011-12-31T22:00:00.000Z',
  ])
  const [, second] = nextTimes('0 0 12 30 12 *', {
    timezone: 'Pacific/Apia',
    from: '2010-12-01T00:00:00Z',
    count: 2,
  })
  expect(second?.toISOString()).toBe('2012-12-29T22:00:00.000Z')
})
