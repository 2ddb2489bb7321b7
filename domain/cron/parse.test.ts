import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MusterError } from '../errors.ts'
import { valuesOf } from './fields.ts'
import type { FieldKey } from './fields.ts'
import { parseGoDuration } from './go-duration.ts'
import { parseCron } from './parse.ts'
import { CRON_DIALECTS } from './index.ts'
import type { CronDialect } from './index.ts'

const messageOf = (expression: string, dialect?: CronDialect): string => {
  try {
    parseCron(expression, dialect)
  } catch (error) {
    if (error instanceof MusterError && error.code === 'bad_request') return error.message
    throw error
  }
  return 'taken'
}

const valuesIn = (expression: string, key: FieldKey): number[] => {
  const cron = parseCron(expression)
  return cron.kind === 'calendar' ? valuesOf(cron.fields[key]) : []
}

describe('a right expression', () => {
  test.each([
    ['1,,2,', [1, 2]],
    ['*/20', [0, 20, 40]],
    ['50/4', [50, 54, 58]],
    ['10-20/200', [10]],
    ['+5,08', [5, 8]],
    [',', []],
    ['3-3', [3]],
  ])('minute %s means %j', (text, values) => {
    expect(valuesIn(`0 ${text} * * * *`, 'minute')).toEqual(values)
  })

  test('names stand for numbers in ranges and before steps, in any letters', () => {
    expect(valuesIn('0 0 0 * Feb-aPR MON-fri', 'month')).toEqual([2, 3, 4])
    expect(valuesIn('0 0 0 * * MON-fri', 'dayOfWeek')).toEqual([1, 2, 3, 4, 5])
    expect(valuesIn('0 0 0 * * Mon/2', 'dayOfWeek')).toEqual([1, 3, 5])
  })

  test("what follows '*-' is ignored, and any white space parts the fields", () => {
    expect(valuesIn('0 *-5-x * * * *', 'minute')).toHaveLength(60)
    expect(valuesIn(' 0\t5\u00a07  * * * ', 'hour')).toEqual([7])
  })

  test('the dialect says what five fields begin with', () => {
    expect(parseCron('1 2 3 4 5')).toMatchObject({ texts: { second: '1', month: '5' } })
    expect(parseCron('1 2 3 4 5', 'standard')).toMatchObject({ texts: { minute: '1', dayOfWeek: '5' } })
  })

  test.each([
    ['@every 1h30m', 5_400],
    ['@every 500ms', 1],
    ['@every -3h', 1],
    ['@every 0', 1],
    ['@every 1.9s', 1],
    ['@every 1.5h', 5_400],
    ['@every 2562047h47m16.854775807s', 9_223_372_036],
  ])('%s is every %i s', (expression, everySeconds) => {
    expect(parseCron(expression)).toEqual({ kind: 'every', everySeconds })
  })
})

describe('a wrong expression is refused with', () => {
  test.each([
    [
      '0 0 12 * * 7',
      "the day of week field '7': 7 is above the maximum of 6. Allowed: 0-6 or SUN-SAT. Write 0 or SUN for Sunday.",
    ],
    [
      '0 0 24 * * *',
      "the hour field '24': 24 is above the maximum of 23. Allowed: 0-23. Write 0 for midnight.",
    ],
    [
      '0 60 * * * *',
      "the minute field '60': 60 is above the maximum of 59. Allowed: 0-59. Write 0 for the full one.",
    ],
    [
      '0 0 0 0 * *',
      "the day of month field '0': 0 is below the minimum of 1. Allowed: 1-31. The first is 1.",
    ],
    ['0 0 0 * 13 *', "the month field '13': 13 is above the maximum of 12. Allowed: 1-12 or JAN-DEC."],
    ['0 0 22-2 * * *', 'Write the two parts: 22-23,0-2.'],
    ['0 0 0 * * sat-sun', 'Write the two parts: SAT,SUN.'],
    ['0 0 0 * * Monday', 'Names have exactly three letters: write MON.'],
    ['0 0 0 L * *', "'L' (last) and 'W' (nearest weekday) are not part of this cron"],
    ['0 0 0 15W * *', "'L' (last) and 'W' (nearest weekday) are not part of this cron"],
    ['0 0 0 * * 5#2', "'#' (the nth weekday of a month) is not part of this cron"],
    ['0 H * * * *', "'H' is not part of this cron"],
    ['0 1.5 * * * *', 'Write a whole number.'],
    ['0 5- * * * *', "the minute field '5-': a number is missing."],
    ['0 1-2-3 * * * *', "'1-2-3' has too many hyphens."],
    ['0 1/2/3 * * * *', "'1/2/3' has too many slashes."],
    ['0 */0 * * * *', "'*/0' has a step of 0."],
    ['0 */-2 * * * *', "the step '-2' is not a positive whole number."],
    ['0 0 0 */mon * *', "the step 'mon' is not a positive whole number."],
    ['0 99999999999999999999 * * * *', 'is not a number of this field.'],
    ['TZ=Asia/Tokyo 0 0 3 * * *', 'give the time zone by the option timezone: Asia/Tokyo.'],
    ['CRON_TZ=UTC 0 3 * * *', "the prefix 'CRON_TZ=UTC' is not part of this cron."],
    ['@reboot', "'@reboot' has no meaning for a schedule"],
    ['@Daily', 'Write @daily, in small letters and without blanks.'],
    [' @daily', "blanks before '@daily'."],
    ['@every 1d', 'write hours, 24h for a day'],
    ['@every  1h', "' 1h' after '@every ' is not a duration."],
    ['@every', "'@every' is not one of the words"],
    ['@toString', "'@toString' is not one of the words"],
    ['0 0 3 * * * 2026', 'There is no field for the year: leave the last one out.'],
    ['0 0 * *', 'it has 4 fields, and the dialect robfig-v1 takes five or six fields'],
    ['', 'it is empty.'],
  ])('%s: %s', (expression, words) => {
    expect(messageOf(expression)).toContain(words)
  })

  test('the other dialect when it has six fields', () => {
    expect(messageOf('0 0 3 * * *', 'standard')).toContain('needs the dialect robfig-v1')
    expect(messageOf('0 3 * * *', 'vixie' as CronDialect)).toContain(
      "unknown dialect 'vixie'. Use robfig-v1 or standard.",
    )
  })

  test('every field that is wrong, not only the first', () => {
    const message = messageOf('60 0 25 * * 7')
    expect(message).toMatch(/second field '60'.*hour field '25'.*day of week field '7'/)
    expect(message).toMatch(/^cron expression '60 0 25 \* \* 7': /)
  })

  test('nothing but bad_request, whatever is typed', () => {
    const typed = fc.array(fc.constantFrom(...'0159*?/,-@ #LWmonsud.+\u0085'.split('')), {
      maxLength: 24,
      size: 'max',
    })
    fc.assert(
      fc.property(typed, fc.constantFrom(...CRON_DIALECTS), (letters, dialect) => {
        expect(messageOf(letters.join(''), dialect)).toMatch(/^taken$|^cron expression '/)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

describe('a Go duration', () => {
  test.each([
    ['1h15m30.918273645s', 4_530_918_273_645n],
    ['-.5h', -1_800_000_000_000n],
    ['1.s', 1_000_000_000n],
    ['1µs', 1_000n],
    ['1μs', 1_000n],
    ['+0', 0n],
    ['0.100000000000000000000h', 360_000_000_000n],
    ['0.9223372036854775807h', 3_320_413_933_267n],
    ['-2562047h47m16.854775808s', -(2n ** 63n)],
  ])('%s is %s ns', (text, ns) => {
    expect(parseGoDuration(text)).toBe(ns)
  })

  test.each([
    '',
    '1',
    '1d',
    '.s',
    '1h 2m',
    '--1h',
    '2562047h47m16.854775808s',
    '9223372037s',
    'h',
    '1constructor',
  ])("'%s' is none", (text) => {
    expect(parseGoDuration(text)).toBeUndefined()
  })
})
