import { expect, it, onTestFinished } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { startHosts } from '../support/fleet-of-hosts.ts'
import { createProcesses, type Processes } from '../support/processes.ts'
import { expectGaplessJournal, expectWhole, liveInstances } from '../support/whole-cloud.ts'

const LIGHT = Array.from({ length: 20 }, (_, index) => index + 1)
/** Real agents, each a process. */
const REAL = [21, 22, 23]
const SPEC = { heartbeatTimeoutMs: 20_000, silentGraceMs: 40_000 }

it(
  'no `started` is lost and nobody is deleted while the API dies again and again under the posts of its agents',
  { timeout: 180_000 },
  async () => {
    const world = await createProcesses({ cloudGridMs: 500 })
    onTestFinished(() => world.close())
    const [api] = world.apis
    if (!api) throw new Error('no API')
    await world.worker().start()

    await api.kill()
    const light = await startHosts(world, LIGHT, SPEC)
    await untilMade(world, LIGHT.length)
    world.cloud.emulator.seed({ behaviour: { agent: 'process' } })
    const hosts = [...light, ...(await startHosts(world, REAL, SPEC))]
    await untilMade(world, hosts.length)

    for (const count of [3, 12]) {
      await api.start()
      await untilStarted(world, count)
      await api.kill()
    }
    await api.start()
    const before = await expectWhole(world, hosts)
    expect(before.map(({ attempts, current }) => [attempts.length, current.n])).toEqual(
      hosts.map(() => [0, 1]),
    )

    // Beats go on through one more crash.
    await api.kill()
    await api.start()
    const beatsAfter = Date.now()
    await waitFor('a beat of every host after the crash', async () => {
      const rows = await world.store.hosts.list({ fleet: 'render', limit: 100 })
      return rows.length === hosts.length && rows.every(({ lastBeatAt = 0 }) => lastBeatAt > beatsAfter)
    })
    const after = await expectWhole(world, hosts)
    expect(after.map(({ current }) => current.instanceId)).toEqual(
      before.map(({ current }) => current.instanceId),
    )
    await expectGaplessJournal(world, hosts)
  },
)

async function untilMade(world: Processes, count: number): Promise<void> {
  await waitFor(`${count} instances`, () => liveInstances(world).length === count)
}

async function untilStarted(world: Processes, count: number): Promise<void> {
  await waitFor(
    `${count} hosts to have started`,
    async () => {
      const rows = await world.store.hosts.list({ fleet: 'render', phases: ['ready'], limit: 100 })
      return rows.length >= count
    },
    { everyMs: 10 },
  )
}
