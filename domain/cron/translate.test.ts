import { describe, expect, test } from 'vitest'
import { MusterError } from '../errors.ts'
import { nextTimes } from './next-times.ts'
import { compress } from './schedule-spec.ts'
import { explain, translateCron } from './index.ts'
import type { TranslatedCron } from './index.ts'

const UTC = { timezone: 'UTC' }
const specOf = (expression: string, timezone = 'UTC'): TranslatedCron['spec'] =>
  translateCron(expression, { timezone }).spec

describe('the spec', () => {
  test('is one calendar of whole ranges with the expression as its comment', () => {
    expect(specOf('0 */15 8-18 1 jan,mar MON-FRI', 'Asia/Shanghai').calendars?.[0]).toEqual({
      second: [{ start: 0, end: 0, step: 1 }],
      minute: [{ start: 0, end: 45, step: 15 }],
      hour: [{ start: 8, end: 18, step: 1 }],
      dayOfMonth: [{ start: 1, end: 1, step: 1 }],
      month: [
        { start: 'JANUARY', end: 'JANUARY', step: 1 },
        { start: 'MARCH', end: 'MARCH', step: 1 },
      ],
      year: '*',
      dayOfWeek: [{ start: 'SUNDAY', end: 'SATURDAY', step: 1 }],
      comment: '0 */15 8-18 1 jan,mar MON-FRI',
    })
  })

  test('has two calendars where one of two days is enough, and one where it is not', () => {
    const days = (expression: string) =>
      specOf(expression).calendars?.map(({ dayOfMonth, dayOfWeek }) => [dayOfMonth, dayOfWeek])
    const any = { start: 1, end: 31, step: 1 }
    const week = { start: 'SUNDAY', end: 'SATURDAY', step: 1 }
    const friday = { start: 'FRIDAY', end: 'FRIDAY', step: 1 }
    expect(days('0 0 12 13 * 5')).toEqual([
      [[{ start: 13, end: 13, step: 1 }], [week]],
      [[any], [friday]],
    ])
    expect(days('0 0 12 */2 * 5')).toEqual([[[{ start: 1, end: 31, step: 2 }], [friday]]])
    expect(days('0 0 12 1-31 * 5')).toEqual([[[any], [week]]])
    expect(days('0 0 12 , * 5')).toEqual([[[any], [friday]]])
  })

  test('counts @every from the anchor, dropping parts of a second', () => {
    const anchor = '2026-01-01T10:20:30.900Z'
    const { spec, describe: words } = translateCron('@every 1h30m', { ...UTC, anchor })
    // 10:20:30 is 1:20:30 after 09:00, which a multiple of 1:30 since 1970 hits.
    expect(spec).toEqual({ intervals: [{ every: 5_400_000, offset: 4_830_000 }], timezone: 'UTC' })
    expect(words).toBe('every 1 hour 30 minutes, counted from 2026-01-01T10:20:30Z')
    expect(specOf('@every 90s').intervals).toEqual([{ every: 90_000, offset: 0 }])
    expect(translateCron('@every 90s', { ...UTC, anchor: -1_000 }).spec.intervals?.[0]?.offset).toBe(89_000)
  })

  test('never fires when a list is empty', () => {
    expect(specOf('0 , * * * *')).toEqual({ calendars: [], timezone: 'UTC' })
    expect(nextTimes('0 , * * * *', { ...UTC, from: 0, count: 1 })).toEqual([])
  })

  test('keeps comments within what the server takes', () => {
    const [calendar] = specOf(`0 ${Array.from({ length: 90 }, () => '10').join(',')} * * * *`).calendars ?? []
    expect(new TextEncoder().encode(calendar?.comment).length).toBeLessThanOrEqual(200)
    expect(calendar?.comment).toMatch(/^0 10,10,.*…$/)
  })
})

describe('where Temporal would fire at other times', () => {
  test('an hour fired too often when clocks go back is skipped', () => {
    const { skip } = specOf('0 30 1 * * *', 'Europe/Berlin')
    expect(skip?.map(({ hour }) => hour)).toEqual([
      [
        { start: 0, end: 0, step: 1 },
        { start: 2, end: 23, step: 1 },
      ],
    ])
    expect(specOf('0 30 1 * * MON-SAT', 'Europe/Berlin').skip).toBeUndefined()
    expect(specOf('0 30 1 * * *', 'America/New_York').skip).toBeUndefined()
  })

  test('an expression for every hour runs in UTC, with its minutes moved if need be', () => {
    expect(specOf('0 */5 * * * *', 'Europe/Berlin')).toMatchObject({ timezone: 'UTC' })
    expect(specOf('0 5 * * * *', 'Pacific/Chatham')).toMatchObject({
      timezone: 'UTC',
      calendars: [{ minute: [{ start: 20, end: 20, step: 1 }] }],
    })
    expect(specOf('0 */5 * * * *', 'Asia/Shanghai').timezone).toBe('Asia/Shanghai')
  })

  test('days without a midnight are put right by date', () => {
    const sunday = specOf('0 0 12 * * SUN', 'America/Santiago')
    expect(sunday.calendars?.length).toBeGreaterThan(2)
    expect(sunday.skip).toBeUndefined()
    const saturday = specOf('0 0 12 * * SAT', 'America/Santiago')
    expect(saturday.calendars).toHaveLength(1)
    expect(saturday.skip?.length).toBeGreaterThan(1)
    expect(specOf('0 0 12 * * MON-FRI', 'America/Santiago').skip).toBeUndefined()
  })

  test.each([
    ['0 30 2 * * *', 'Europe/Berlin', 'the hour from 02:00 comes twice there when clocks go back'],
    [
      '0 0 1 * * *',
      'Europe/London',
      'Ways out: another hour, such as 2; days other than SUN; or the time zone UTC.',
    ],
    ['0 0 2 * * *', 'Australia/Lord_Howe', 'clocks there move by another step than an hour'],
    ['0 10 * * * *', 'Australia/Lord_Howe', 'clocks there move by another step than an hour'],
  ])('%s in %s is refused', (expression, timezone, words) => {
    expect(() => specOf(expression, timezone)).toThrow(words)
  })

  test.each([
    ['0 30 2 1 * *', 'Europe/Berlin'],
    ['0 30 2 * * MON-FRI', 'Europe/Berlin'],
    ['0 30 2 * JAN-SEP *', 'Europe/Berlin'],
    ['0 0 2 * * *', 'Europe/Moscow'],
    ['0 0 2 * * *', 'America/New_York'],
  ])('%s in %s is taken: it never meets such an hour', (expression, timezone) => {
    expect(specOf(expression, timezone)).toMatchObject({ timezone, calendars: [{ comment: expression }] })
  })
})

describe('options', () => {
  test.each([
    ['+08:00', 'use a name of the IANA database'],
    ['Mars/Olympus', 'use a name of the IANA database'],
    ['', 'use a name of the IANA database'],
    ['asia/shanghai', 'write Asia/Shanghai'],
    ['utc', 'write UTC'],
  ])("the time zone '%s' is refused", (timezone, words) => {
    expect(() => specOf('@daily', timezone)).toThrow(words)
    expect(() => nextTimes('@daily', { timezone, from: 0, count: 1 })).toThrow(MusterError)
  })

  test.each(['Asia/Shanghai', 'UTC', 'Asia/Calcutta', 'US/Eastern', 'Etc/GMT+8'])(
    '%s is taken',
    (timezone) => {
      expect(specOf('@daily', timezone).timezone).toBe(timezone)
    },
  )

  test('an interval that is longer than from 1970 to its anchor is refused', () => {
    const anchor = '2026-01-01T00:00:00Z'
    expect(() => translateCron('@every 490897h', { ...UTC, anchor })).toThrow('write @every 490896h or less')
    expect(translateCron('@every 490896h', { ...UTC, anchor }).spec.intervals).toHaveLength(1)
    expect(translateCron('@every 490897h', UTC).spec.intervals).toHaveLength(1)
  })

  test('an anchor has to be a point in time', () => {
    const bad = (anchor: string | Date) => () => translateCron('@every 5m', { ...UTC, anchor })
    expect(bad('2026-01-01T00:00:00')).toThrow("anchor is not a point in time: '2026-01-01T00:00:00'")
    expect(bad('soon')).toThrow('anchor is not a point in time')
    expect(bad(new Date(Number.NaN))).toThrow('anchor is not a point in time')
  })
})

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

test.each([
  'Europe/Berlin',
  'Europe/London',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Gaza',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Antarctica/Troll',
])('the ways out that a refusal in %s names are ways out', (timezone) => {
  const problemOf = (expression: string): string => explain(expression, { timezone }).problems.join(' ')
  let refused = 0
  for (let hour = 0; hour < 24; hour++) {
    const problem = problemOf(`0 30 ${hour} * * *`)
    if (problem === '') continue
    refused++
    const [, other] = /such as (\d+);/.exec(problem) ?? []
    expect(problemOf(`0 30 ${other} * * *`)).toBe('')
    const bad = /days other than ([A-Z,]+);/.exec(problem)?.[1]?.split(',') ?? DAYS
    const good = DAYS.filter((day) => !bad.includes(day))
    expect(good.length).toBeGreaterThan(0)
    expect(problemOf(`0 30 ${hour} * * ${good.join(',')}`)).toBe('')
    expect(explain(`0 30 ${hour} * * *`, { timezone: 'UTC' }).problems).toEqual([])
  }
  expect(refused).toBeGreaterThan(0)
})

describe('what is absurdly long', () => {
  const long = 'x'.repeat(100_000)
  test.each([
    ['1,'.repeat(50_000), 'UTC'],
    [`0 0 0 1${'-1'.repeat(50_000)} * *`, 'UTC'],
    [`0 ${'9'.repeat(100_000)} * * * *`, 'UTC'],
    [`@every ${'1h'.repeat(50_000)}`, 'UTC'],
    [`@${long}`, 'UTC'],
    ['@daily', long],
  ])('is refused at once, in few words', (expression, timezone) => {
    const startedAt = performance.now()
    const { problems } = explain(expression, { timezone })
    expect(problems.join(' ').length).toBeLessThan(300)
    expect(() => translateCron(expression, { timezone })).toThrow(/^.{20,300}$/s)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('and a thousand million as a step is one', () => {
    expect(translateCron('0 */1000000000 * * * *', UTC).describe).toBe('every hour, UTC')
    const full = [60, 60, 24].map((count) => Array.from({ length: count }, (_, value) => value).join(','))
    const days = Array.from({ length: 31 }, (_, day) => day + 1).join(',')
    const { describe: words } = translateCron(
      `${full.join(' ')} ${days} 1,2,3,4,5,6,7,8,9,10,11,12 0,1,2,3,4,5,6`,
      UTC,
    )
    expect(words).toBe('every second, UTC')
  })
})

test.each([
  ['0 0 3 * * *', 'every day at 03:00:00 Asia/Shanghai'],
  ['@every 5m', 'every 5 minutes'],
  ['@every 1h', 'every hour'],
  ['0 0 8,20 * * MON-FRI', 'on Monday to Friday at 08:00:00 and 20:00:00 Asia/Shanghai'],
  ['0 0 12 13 * 5', 'on day 13 of the month and also on Friday at 12:00:00 Asia/Shanghai'],
  ['0 0 12 1-7 * */6', 'on days 1 to 7 of the month when it is Sunday or Saturday at 12:00:00 Asia/Shanghai'],
  ['0 0 0 1 1 *', 'on day 1 of January at 00:00:00 Asia/Shanghai'],
  ['0 0 0 * jun-aug *', 'every day in June to August at 00:00:00 Asia/Shanghai'],
  ['* * * * * *', 'every second, Asia/Shanghai'],
  ['*/10 * * * * *', 'every 10 seconds, Asia/Shanghai'],
  ['0 */5 * * * *', 'every 5 minutes, Asia/Shanghai'],
  ['0 0 * * * *', 'every hour, Asia/Shanghai'],
  ['0 5,35 * * * *', 'at minutes 5 and 35 of every hour, Asia/Shanghai'],
  ['0 */7 * * * *', 'at every 7th minute from 0 to 56 of every hour, Asia/Shanghai'],
  ['0 */5 8-18 * * MON-FRI', 'every 5 minutes from 08:00 to 18:59, on Monday to Friday, Asia/Shanghai'],
  ['0 * */2 * * *', 'every minute in every 2nd hour from 0 to 22, Asia/Shanghai'],
  ['15 * * * * *', 'at second 15 of every minute, Asia/Shanghai'],
  ['*/30 0 * * * *', 'every 30 seconds of the first minute of every hour, Asia/Shanghai'],
  ['0 0 0 31 feb *', 'never: no such date exists'],
  [', 0 0 1 1 *', 'never: a list is empty'],
])('%s is said as "%s"', (expression, words) => {
  expect(translateCron(expression, { timezone: 'Asia/Shanghai' }).describe).toBe(words)
})

test('values become few ranges that hold exactly them', () => {
  const ranges = (...values: number[]) =>
    compress(values).map(({ start, end, step }) => `${start}-${end}/${step}`)
  expect(ranges(0, 10, 20, 30)).toEqual(['0-30/10'])
  expect(ranges(1, 2, 3, 7, 8)).toEqual(['1-3/1', '7-8/1'])
  expect(ranges(0, 5)).toEqual(['0-0/1', '5-5/1'])
  expect(ranges(0, 2, 4, 6, 7, 8)).toEqual(['0-8/2', '7-7/1'])
  expect(ranges()).toEqual([])
})
