import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextTimes } from '../cron/index.ts'
import { findConflicts } from './conflicts.ts'
import type { ScheduleSpec } from './types.ts'

const FROM = Date.parse('2026-11-23T00:00:00Z')

const scale = (
  name: string,
  expression: string,
  size: number,
  changes: Partial<ScheduleSpec> = {},
): ScheduleSpec => ({
  name,
  expression,
  timezone: 'UTC',
  dialect: 'robfig-v1',
  do: { scale: { fleet: 'render', size } },
  overlap: 'skip',
  catchUpMs: 600_000,
  jitterMs: 0,
  ...changes,
})

const roll = (name: string, expression: string, changes: Partial<ScheduleSpec> = {}): ScheduleSpec =>
  scale(name, expression, 0, { do: { roll: { fleet: 'render' } }, ...changes })

const conflictsOf = (...schedules: ScheduleSpec[]) => findConflicts(schedules, FROM).map(({ words }) => words)

describe('two schedules of one fleet conflict', () => {
  test('when they set other sizes at the same instant', () => {
    expect(conflictsOf(scale('down', '0 0 20 * * *', 2), scale('up', '0 0 20 * * MON', 9))).toEqual([
      'both scale fleet render at 2026-11-23T20:00:00Z: down to 2, up to 9; which one is last is chance',
    ])
  })

  test('when one undoes the other within a minute, whichever comes first', () => {
    expect(conflictsOf(scale('down', '0 0 20 * * *', 2), scale('up', '30 59 19 * * FRI', 9))).toEqual([
      'up scales fleet render to 9 at 2026-11-27T19:59:30Z, and down to 2 only 30 s later',
    ])
    expect(conflictsOf(scale('a', '0 0 20 * * *', 2), scale('b', '0 1 20 * * *', 9))).toHaveLength(1)
  })

  test('when their clocks are in other zones', () => {
    const shanghai = scale('cn', '0 0 4 * * *', 2, { timezone: 'Asia/Shanghai' })
    expect(conflictsOf(shanghai, scale('utc', '0 0 20 * * *', 9))).toHaveLength(1)
    expect(conflictsOf(shanghai, scale('utc', '0 0 4 * * *', 9))).toEqual([])
  })

  test('when one of them fires every few seconds and the other once a month, or once a year', () => {
    const often = scale('often', '*/10 * * * * *', 2)
    expect(conflictsOf(often, scale('seldom', '0 0 12 20 * *', 9))).toEqual([
      'often scales fleet render to 2 at 2026-12-20T11:59:00Z, and seldom to 9 only 60 s later',
    ])
    expect(conflictsOf(scale('yearly', '0 0 8 1 5 *', 9), scale('daily', '0 0 8 * * *', 2))).toEqual([
      'both scale fleet render at 2027-05-01T08:00:00Z: daily to 2, yearly to 9; which one is last is chance',
    ])
  })

  test('when both fire often, and near each other for the first time after months', () => {
    const odd = scale('odd', '0 */4 * 1-30 * *', 2)
    expect(conflictsOf(odd, scale('even', '0 2/4 * 1-30 * *', 9))).toEqual([])
    expect(conflictsOf(odd, scale('even', '0 2/4 * * 1-10 *', 9), scale('may', '30 1 12 9 5 *', 7))).toEqual([
      'may scales fleet render to 7 at 2027-05-09T12:01:30Z, and even to 9 only 30 s later',
    ])
  })

  test('when one rolls the fleet while the other sizes or rolls it', () => {
    expect(conflictsOf(roll('weekly', '0 0 3 * * 0'), scale('night', '0 0 3 * * *', 2))).toEqual([
      'night scales fleet render to 2 at 2026-11-29T03:00:00Z, and weekly rolls it at the same time',
    ])
    expect(conflictsOf(roll('a', '0 0 3 * * *'), scale('b', '20 0 3 * * *', 2))).toEqual([
      'a rolls fleet render at 2026-11-23T03:00:00Z, and b scales it to 2 only 20 s later',
    ])
    expect(conflictsOf(roll('a', '0 0 3 * * *'), roll('b', '20 0 3 * * *'))).toEqual([
      'a rolls fleet render at 2026-11-23T03:00:00Z, and b rolls it again only 20 s later',
    ])
  })

  test('when jitter may bring them together', () => {
    const late = scale('late', '0 0 8 * * *', 9, { jitterMs: 1_800_000 })
    expect(conflictsOf(late, scale('then', '0 20 8 * * *', 2))).toEqual([
      'both scale fleet render at 2026-11-23T08:00:00Z, give or take their jitter: late to 9, then to 2; which one is last is chance',
    ])
    expect(conflictsOf(late, scale('then', '30 30 8 * * *', 2))).toEqual([
      'late scales fleet render to 9 at 2026-11-23T08:00:00Z or up to 30m later, and then to 2 at 2026-11-23T08:30:30Z',
    ])
    expect(conflictsOf(late, scale('then', '30 31 8 * * *', 2))).toEqual([])
    expect(conflictsOf(late, scale('before', '0 58 7 * * *', 2))).toEqual([])
  })

  test('when @every counts so that they meet', () => {
    const [hourly, daily] = [scale('hourly', '@every 1h', 2), scale('daily', '0 30 8 * * *', 9)]
    const at = (anchor: string) => findConflicts([hourly, daily], FROM, new Map([['hourly', anchor]]))
    expect(at('2026-11-20T10:30:00Z').map((conflict) => conflict.at)).toEqual([
      Date.parse('2026-11-23T08:30:00Z'),
    ])
    expect(at('2026-11-20T10:45:00Z')).toEqual([])
  })
})

test('the first time of a conflict is that of all pairs of firings', () => {
  const side = fc.record({
    minute: fc.constantFrom('*/7', '3', '*/20', '5,50', '2/9', '59'),
    hour: fc.constantFrom('*', '*/6', '0-3', '23'),
    day: fc.constantFrom('*', '24', '23-31', '23'),
    jitterMs: fc.constantFrom(0, 90_000, 600_000),
  })
  const wrong = fc
    .sample(fc.tuple(side, side), { numRuns: 60, seed: 7 })
    .map((pair) => {
      const [one, other] = pair.map(({ minute, hour, day, jitterMs }, index) =>
        scale(`s${index}`, `0 ${minute} ${hour} ${day} * *`, index, { jitterMs }),
      ) as [ScheduleSpec, ScheduleSpec]
      const [conflict] = findConflicts([one, other], FROM)
      const until = FROM + 2 * 86_400_000
      const seen = conflict !== undefined && conflict.at <= until ? conflict.at : undefined
      return { pair, expected: firstOfAllPairs(one, other, until), seen }
    })
    .filter(({ expected, seen }) => expected !== seen)
  expect(wrong).toEqual([])
})

/** By looking at each pair: what is due up to then, and at most a quarter of an hour later. */
function firstOfAllPairs(one: ScheduleSpec, other: ScheduleSpec, until: number): number | undefined {
  const [times, others] = [one, other].map(({ expression }) =>
    nextTimes(expression, { timezone: 'UTC', from: FROM, count: 3_000 })
      .map((time) => time.getTime())
      .filter((time) => time <= until + 900_000),
  ) as [number[], number[]]
  let first = Infinity
  for (const a of times) {
    for (const b of others) {
      const near = b - a <= 60_000 + one.jitterMs && a - b <= 60_000 + other.jitterMs
      if (near) first = Math.min(first, a, b)
    }
  }
  return first <= until ? first : undefined
}

describe('two schedules do not conflict', () => {
  test.each([
    ['more than a minute apart', scale('a', '0 0 8 * * *', 9), scale('b', '1 1 8 * * *', 2)],
    ['that want the same size', scale('a', '0 0 8 * * *', 9), scale('b', '0 0 8 * * *', 9)],
    ['one of which is paused', scale('a', '0 0 8 * * *', 9, { paused: true }), scale('b', '0 0 8 * * *', 2)],
    [
      'of different fleets',
      scale('a', '0 0 8 * * *', 9),
      scale('b', '0 0 8 * * *', 2, { do: { scale: { fleet: 'other', size: 2 } } }),
    ],
    [
      'one of which sweeps',
      scale('a', '0 0 8 * * *', 9),
      scale('b', '0 0 8 * * *', 2, { do: { sweep: {} } }),
    ],
    ['of which one never fires', scale('a', '0 0 8 31 2 *', 9), scale('b', '0 0 8 * * *', 2)],
  ])('%s', (_, one, other) => {
    expect(conflictsOf(one, other)).toEqual([])
  })
})
