import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '../support/world.ts'

describe('the twenty minutes', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'skip' })
  })
  afterAll(() => world?.close())

  it('a mute host is deleted after exactly twenty minutes and made again, three times in a row', async () => {
    world.emulator.addFault({ match: { host: 'render/00002' }, count: 3, effect: { type: 'muteAgent' } })
    const host = await world.startHost(2)
    for (const attempt of [1, 2, 3]) {
      // With an activity in flight the clock would not be skipped.
      const booting = await world.when(
        host,
        `to wait for attempt ${attempt} alone`,
        ({ step, current }) => step === 'awaitStarted' && current.n === attempt,
      )
      await world.skipTo(booting.current.bootDeadline)
      const waiting = await world.until(host, 'waiting', attempt + 1)
      await world.skipTo(waiting.waitUntil)
    }
    const state = await world.until(host, 'ready', 4)
    expect(state.attempts.map((ended) => ended.outcome)).toEqual(['mute', 'mute', 'mute'])
    for (const ended of state.attempts) {
      expect(ended.deletedAt).toBeDefined()
      const lived = (ended.deletedAt ?? 0) - (ended.launchedAt ?? 0)
      expect(lived).toBeGreaterThanOrEqual(20 * 60_000)
      expect(lived).toBeLessThan(20 * 60_000 + 30_000)
    }
    expect(world.instances().filter((instance) => instance.host === host)).toMatchObject([{ attempt: 4 }])
  })

  // Last, because the test server skips no more time once a workflow has ended under an open activity.
  it('a host whose agent speaks is ready, with one instance', async () => {
    const host = await world.startHost(1)
    const state = await world.until(host, 'ready')
    expect(state.current).toMatchObject({ n: 1, launch: 1 })
    expect(world.instances().filter((instance) => instance.host === host)).toHaveLength(1)
    await world.handle(host).executeUpdate('retire', { args: [{ by: 'test', why: 'seen', drain: false }] })
    await world.handle(host).result()
    expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  })
})
