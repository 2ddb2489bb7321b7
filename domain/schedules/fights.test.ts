import { describe, expect, test } from 'vitest'
import { findFights } from './fights.ts'
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

const fightsOf = (...schedules: ScheduleSpec[]) => findFights(schedules, FROM).map(({ words }) => words)

describe('two schedules of one fleet fight', () => {
  test('when they set other sizes at the same instant', () => {
    expect(fightsOf(scale('down', '0 0 20 * * *', 2), scale('up', '0 0 20 * * MON', 9))).toEqual([
      'both scale fleet render at 2026-11-23T20:00:00Z: down to 2, up to 9; which one is last is chance',
    ])
  })

  test('when one undoes the other within a minute, whichever comes first', () => {
    expect(fightsOf(scale('down', '0 0 20 * * *', 2), scale('up', '30 59 19 * * FRI', 9))).toEqual([
      'up scales fleet render to 9 at 2026-11-27T19:59:30Z, and down to 2 only 30 s later',
    ])
    expect(fightsOf(scale('a', '0 0 20 * * *', 2), scale('b', '0 1 20 * * *', 9))).toHaveLength(1)
  })

  test('when their clocks are in other zones', () => {
    const shanghai = scale('cn', '0 0 4 * * *', 2, { timezone: 'Asia/Shanghai' })
    expect(fightsOf(shanghai, scale('utc', '0 0 20 * * *', 9))).toHaveLength(1)
    expect(fightsOf(shanghai, scale('utc', '0 0 4 * * *', 9))).toEqual([])
  })

  test('when one of them fires every few seconds and the other once a month', () => {
    const often = scale('often', '*/10 * * * * *', 2)
    expect(fightsOf(often, scale('seldom', '0 0 12 20 * *', 9))).toEqual([
      'often scales fleet render to 2 at 2026-12-20T11:59:00Z, and seldom to 9 only 60 s later',
    ])
  })
})

describe('two schedules do not fight', () => {
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
      'one of which rolls',
      scale('a', '0 0 8 * * *', 9),
      scale('b', '0 0 8 * * *', 2, { do: { roll: { fleet: 'render' } } }),
    ],
    ['that meet in a year only', scale('a', '0 0 8 1 5 *', 9), scale('b', '0 0 8 * * *', 2)],
  ])('%s', (_, one, other) => {
    expect(fightsOf(one, other)).toEqual([])
  })
})
