import { expect, test } from 'vitest'
import { explain } from './index.ts'
import type { CronExplanation } from './index.ts'

test('a right expression is explained field by field', () => {
  const { describe: words, fields, problems } = explain('0 5,35 8-18 ? * mon-fri', { timezone: 'UTC' })
  expect(words).toBe('at minutes 5 and 35 from 08:00 to 18:59, on Monday to Friday, UTC')
  expect(problems).toEqual([])
  expect(fields.map(({ title, text, words: said }) => [title, text, said])).toEqual([
    ['second', '0', 'second 0'],
    ['minute', '5,35', 'minutes 5 and 35'],
    ['hour', '8-18', 'hours 8 to 18'],
    ['day of month', '?', 'every day'],
    ['month', '*', 'every month'],
    ['day of week', 'mon-fri', 'Monday to Friday'],
  ])
})

test('a wrong expression has problems instead of a meaning', () => {
  const { describe: words, problems }: CronExplanation = explain('0 0 25 * * 7')
  expect(words).toBeUndefined()
  expect(problems).toHaveLength(2)
  expect(problems[0]).toContain("hour field '25'")
})

test('one that never fires, or not in this zone, has that for a problem', () => {
  expect(explain('0 0 0 31 2 *').problems).toEqual(['It never fires: no such date exists.'])
  expect(explain('0 30 2 * * *').problems).toEqual([])
  expect(explain('0 30 2 * * *', { timezone: 'Europe/Berlin' }).problems[0]).toContain('comes twice')
  expect(explain('@daily', { timezone: 'Nowhere' }).problems[0]).toContain("unknown time zone 'Nowhere'")
})

test.each([
  ['0 0 3 * * *', 'Six fields begin with the second here'],
  ['0 30 4 1 *', 'Five fields begin with the second here'],
  ['0 0 0 ? * 1', "'?' is the same as '*'"],
  ['0 0 3 1,, * *', 'Empty items of a list are left out'],
  ['0 7/7 * * * *', "'N/step' runs from N"],
  ['0 *-5 * * * *', "What follows '*-' is ignored"],
  ['0 0 12 13 * 5', 'either is enough'],
  ['0 0 12 */2 * 1', 'have to match both'],
  ['@every 5m', "counts from the schedule's anchor"],
])('%s differs from other crons: %s', (expression, words) => {
  expect(explain(expression).differs.join('\n')).toContain(words)
})

test('nothing is said about what every cron reads alike', () => {
  expect(explain('0 3 * * *', { dialect: 'standard' }).differs).toEqual([])
  expect(explain('@daily').differs).toEqual([])
})
