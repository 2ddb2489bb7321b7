import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'

const HOSTS = [1, 2, 3, 4, 5].map((slot) => `render/0000${slot}`)
const SPEC = { heartbeatTimeoutMs: 1_500, silentGraceMs: 1_000 }

describe('when no host is heard', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', agents: 'none' })
  })
  afterAll(() => world?.close())

  it('incident 16: all hosts silent at once are kept, and ready again when they are heard', async () => {
    const agents = await Promise.all(
      HOSTS.map(async (host) => {
        await world.startHost(host, SPEC)
        await world.until(host, 'booting')
        const agent = await agentOf(world, host)
        await agent.started()
        agent.keepBeating()
        return agent
      }),
    )
    const before = await Promise.all(HOSTS.map((host) => world.until(host, 'ready')))
    for (const agent of agents) agent.stopBeating()
    // Every one has been asked about, and is asked about again in a minute.
    const spared = await Promise.all(
      HOSTS.map((host) => world.when(host, 'to be spared', ({ step }) => step === 'judgePause', 30_000)),
    )
    for (const { judgement } of spared) expect(judgement).toMatch(/outage|frozen|our own API/)
    const rows = await Promise.all(HOSTS.map((host) => world.store.hosts.get(host)))
    expect(rows.map((row) => row?.reason)).toEqual(spared.map(({ judgement }) => judgement))
    expect(world.instances()).toHaveLength(HOSTS.length)
    await Promise.all(HOSTS.map((host) => world.skipHost(host, 61_000)))
    await Promise.all(
      HOSTS.map((host, i) =>
        world.when(
          host,
          'to be judged again',
          ({ stepNo, step }) => step === 'judgePause' && stepNo > (spared[i]?.stepNo ?? 0),
        ),
      ),
    )
    for (const agent of agents) agent.keepBeating()
    const after = await Promise.all(
      HOSTS.map((host) => world.when(host, 'to watch again', ({ step }) => step === 'watch')),
    )
    expect(after.map(({ current }) => current.instanceId)).toEqual(
      before.map(({ current }) => current.instanceId),
    )
    expect(after.map(({ attempts }) => attempts)).toEqual(HOSTS.map(() => []))
    for (const agent of agents) agent.stopBeating()
    for (const host of HOSTS) {
      expect(world.live.made(host)).toBe(1)
      await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
        args: [{ by: 'test', why: 'seen', drain: false }],
      })
    }
    await Promise.all(HOSTS.map((host) => world.handle(host).result()))
    expect(world.instances()).toEqual([])
  })
})
