import { expect, test } from 'vitest'
import { nextSizeOf } from './next-size.ts'
import type { ScheduleSpec } from './types.ts'

const FROM = Date.parse('2026-11-23T12:00:00Z')

const scale = (name: string, expression: string, size: number, more: Partial<ScheduleSpec> = {}) => ({
  name,
  expression,
  timezone: 'UTC',
  dialect: 'robfig-v1' as const,
  do: { scale: { fleet: 'render', size } },
  overlap: 'skip' as const,
  catchUpMs: 600_000,
  jitterMs: 0,
  ...more,
})

const next = (size: number, schedules: ScheduleSpec[]) =>
  nextSizeOf({ name: 'render', size }, schedules, FROM, new Map([['often', '2026-11-23T11:59:30Z']]))

test('the next schedule that wants another size is named, with its time', () => {
  const evening = scale('evening', '0 0 20 * * *', 40)
  const morning = scale('morning', '0 0 6 * * *', 3)
  expect(next(3, [morning, evening])).toEqual({
    schedule: 'evening',
    size: 40,
    at: Date.parse('2026-11-23T20:00:00Z'),
  })
  expect(next(40, [morning, evening])).toMatchObject({ schedule: 'morning', size: 3 })
  expect(next(9, [morning, evening])).toMatchObject({ schedule: 'evening' })
  expect(next(9, [scale('often', '@every 1m', 1)])?.at).toBe(Date.parse('2026-11-23T12:00:30Z'))
})

test('none is named that wants this size, is paused, never fires, rolls, or is about another fleet', () => {
  const others = [
    scale('same', '0 0 20 * * *', 3),
    scale('paused', '0 0 20 * * *', 9, { paused: true }),
    scale('never', '0 0 0 31 2 *', 9),
    scale('roll', '0 0 20 * * *', 9, { do: { roll: { fleet: 'render' } } }),
    scale('other', '0 0 20 * * *', 9, { do: { scale: { fleet: 'other', size: 9 } } }),
  ]
  expect(next(3, others)).toBeUndefined()
})
