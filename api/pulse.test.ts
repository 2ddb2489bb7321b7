import { expect, test } from 'vitest'
import { createPulse } from './pulse.ts'
import type { Reachable } from './reachability.ts'
import { stageApi } from './testing.ts'

const UP: Reachable = { temporal: true, store: true }

async function stagePulse() {
  const state = { now: 1_000_000, reach: UP }
  const { deps, store } = await stageApi({ clock: () => state.now })
  const pulse = createPulse(deps, { probe: () => Promise.resolve(state.reach) })
  /** One look after `ms`: since when this API counts as alive. */
  const beatAfter = async (ms: number, reach = UP): Promise<number | undefined> => {
    state.now += ms
    state.reach = reach
    await pulse.beat()
    const [own] = await store.pulses.alive(state.now, 15_000)
    return own?.lastAt === state.now ? own.startedAt : undefined
  }
  return { pulse, beatAfter }
}

test('a pulse counts from the first one on', async () => {
  const { beatAfter } = await stagePulse()
  expect(await beatAfter(0)).toBe(1_000_000)
  expect(await beatAfter(10_000)).toBe(1_000_000)
  expect(await beatAfter(10_000)).toBe(1_000_000)
})

test.each([
  ['Temporal', { temporal: false, store: true }],
  ['the store', { temporal: true, store: false }],
])('an outage of %s gives none, and it counts anew afterwards', async (_what, reach) => {
  const { beatAfter } = await stagePulse()
  await beatAfter(0)
  expect(await beatAfter(10_000, reach)).toBeUndefined()
  expect(await beatAfter(10_000)).toBe(1_020_000)
})

test('a process that stood still counts anew', async () => {
  const { beatAfter } = await stagePulse()
  await beatAfter(0)
  expect(await beatAfter(31_000)).toBe(1_031_000)
})

test('beats that mostly do not get through are an outage, a single one is not', async () => {
  const { pulse, beatAfter } = await stagePulse()
  await beatAfter(0)
  for (const ok of [true, true, false]) pulse.noteBeat(ok)
  expect(await beatAfter(10_000)).toBe(1_000_000)
  for (const ok of [true, false, false]) pulse.noteBeat(ok)
  expect(await beatAfter(10_000)).toBeUndefined()
  expect(await beatAfter(10_000)).toBe(1_030_000)
})
