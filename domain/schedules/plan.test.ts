import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '../testing/property-runs.ts'
import { compileSchedule } from './compile.ts'
import { planSchedules } from './plan.ts'
import type { ActionInput, ExistingSchedule, ScheduleSpec } from './types.ts'

const SCOPE = { controller: 'farm', namespaceId: '0', region: 'cn-hangzhou' }
const NOW = Date.parse('2026-11-23T22:00:00.700Z')
const LATER = NOW + 3_600_000

const schedule = (changes: Partial<ScheduleSpec> = {}): ScheduleSpec => ({
  name: 'evening',
  expression: '0 0 20 * * *',
  timezone: 'Asia/Shanghai',
  dialect: 'robfig-v1',
  do: { scale: { fleet: 'render', size: 40 } },
  overlap: 'skip',
  catchUpMs: 600_000,
  jitterMs: 0,
  ...changes,
})

/** As the server has it once the plan is carried out. */
function carriedOut(wanted: ScheduleSpec, input: ActionInput, isPaused = false): ExistingSchedule {
  const { overlap, catchUpMs, jitterMs } = wanted
  return { input, overlap, catchUpMs, jitterMs, isPaused, compiled: compileSchedule(input).digest }
}

function existing(wanted: ScheduleSpec, at = NOW): ExistingSchedule {
  const [made] = planSchedules([wanted], [], SCOPE, at).create
  if (made === undefined) throw new Error('nothing to create')
  return carriedOut(wanted, made.input)
}

const some = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  expression: fc.constantFrom('0 0 20 * * *', '@every 90m', '@daily', '0 */5 * * * *'),
  timezone: fc.constantFrom('UTC', 'Asia/Shanghai', 'America/New_York'),
  overlap: fc.constantFrom('skip' as const, 'bufferAll' as const),
  catchUpMs: fc.constantFrom(10_000, 600_000),
  jitterMs: fc.constantFrom(0, 30_000),
  paused: fc.constantFrom(undefined, true, false),
  note: fc.constantFrom(undefined, 'why'),
  size: fc.integer({ min: 0, max: 3 }),
})

const wantedLists = fc.uniqueArray(some, { selector: ({ name }) => name }).map((list) =>
  list.map(({ size, paused, note, ...rest }) =>
    schedule({
      ...rest,
      do: { scale: { fleet: 'render', size } },
      ...(paused !== undefined && { paused }),
      ...(note !== undefined && { note }),
    }),
  ),
)

describe('a plan', () => {
  test('carried out leaves nothing to do, and leads from any schedules to any others', () => {
    fc.assert(
      fc.property(wantedLists, wantedLists, (before, after) => {
        const first = before.map((one) => existing(one))
        const plan = planSchedules(after, first, SCOPE, LATER)
        const kept = first.filter(({ input }) => plan.unchanged.includes(input.schedule))
        const touched = [...plan.create, ...plan.update].map((one) => carriedOut(one.schedule, one.input))
        const again = planSchedules(after, [...kept, ...touched], SCOPE, LATER + 1_000)
        expect(again).toEqual({
          create: [],
          update: [],
          delete: [],
          unchanged: after.map(({ name }) => name).toSorted(),
          anchors: expect.any(Map),
        })
        expect(new Set([...plan.delete, ...plan.unchanged, ...plan.update.map(({ name }) => name)])).toEqual(
          new Set(before.map(({ name }) => name)),
        )
      }),
      propertyRuns(1),
    )
  })

  test('names the fields that differ, and nothing else', () => {
    const wanted = schedule({ jitterMs: 5_000, do: { scale: { fleet: 'render', size: 50 } } })
    const { update } = planSchedules([wanted], [existing(schedule())], SCOPE, LATER)
    expect(update[0]?.changes).toEqual([
      {
        field: 'do',
        from: { scale: { fleet: 'render', size: 40 } },
        to: { scale: { fleet: 'render', size: 50 } },
      },
      { field: 'jitter', from: 0, to: 5_000 },
    ])
  })

  test('keeps the anchor over changes of other fields, and takes a new one with a new expression', () => {
    const old = existing(schedule({ expression: '@every 90m' }))
    expect(old.input.anchor).toBe('2026-11-23T22:00:00Z')
    const noted = planSchedules([schedule({ expression: '@every 90m', note: 'x' })], [old], SCOPE, LATER)
    expect(noted.update[0]?.input.anchor).toBe('2026-11-23T22:00:00Z')
    expect([...noted.anchors]).toEqual([['evening', '2026-11-23T22:00:00Z']])
    const other = planSchedules([schedule({ expression: '@every 2h' })], [old], SCOPE, LATER)
    expect(other.update[0]?.input.anchor).toBe('2026-11-23T23:00:00Z')
  })

  test('pauses and resumes only when the config’s own word on it changes', () => {
    const old = existing(schedule({ paused: true }))
    const same = planSchedules([schedule({ paused: true, note: 'x' })], [old], SCOPE, LATER)
    expect(same.update[0]).not.toHaveProperty('pause')
    const resumed = planSchedules([schedule({ paused: false })], [old], SCOPE, LATER)
    expect(resumed.update[0]).toMatchObject({ pause: false })
    // Dropped from the config it is left as it is.
    const dropped = planSchedules([schedule()], [old], SCOPE, LATER)
    expect(dropped.update[0]).not.toHaveProperty('pause')
  })

  test('compiles anew what another version compiled otherwise', () => {
    const old = { ...existing(schedule()), compiled: 'of another version' }
    const { update } = planSchedules([schedule()], [old], SCOPE, LATER)
    expect(update[0]?.changes.map(({ field }) => field)).toEqual(['compiled form'])
  })

  test('does not mind the order of keys in what the server gives back', () => {
    const old = existing(schedule())
    const input = { ...old.input, do: { scale: { size: 40, fleet: 'render' } } }
    expect(planSchedules([schedule()], [{ ...old, input }], SCOPE, LATER).unchanged).toEqual(['evening'])
  })
})
