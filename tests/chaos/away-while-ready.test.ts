import { expect, it } from 'vitest'
import type { HostState } from '../../domain/host/types.ts'
import { startHosts, untilState } from '../support/fleet-of-hosts.ts'
import { lasted } from '../support/lasted.ts'
import type { Part } from '../support/part.ts'
import { createProcesses, type Processes } from '../support/processes.ts'
import { expectWhole, watchCloud } from '../support/whole-cloud.ts'

const HOSTS = Array.from({ length: 10 }, (_, index) => index + 1)
const HEARTBEAT_TIMEOUT_MS = 3_000
/** The shortest that a config may name. */
const SPEC = { heartbeatSeconds: 1, heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS, silentGraceMs: 6_000 }
const AWAY_MS = 3 * HEARTBEAT_TIMEOUT_MS

interface Outage {
  away: ('Temporal' | 'worker' | 'API')[]
  /** While it lasts every host falls silent and is judged. Without Temporal or a worker nothing can judge. */
  judged?: true
}

// Two worlds side by side: an outage is mostly waiting.
const WORLDS: { outages: Outage[] }[] = [
  { outages: [{ away: ['Temporal'] }, { away: ['worker'] }] },
  { outages: [{ away: ['API'], judged: true }, { away: ['API', 'Temporal'] }] },
]

const names = ({ away }: Outage) => away.join(' and ')

it.concurrent.for(WORLDS.map((one) => ({ ...one, title: one.outages.map(names).join(', then ') })))(
  'incident 16: ten ready hosts keep their instances and are all ready again when three heartbeat timeouts long this was away: $title',
  { timeout: 180_000 },
  async ({ outages }, { onTestFinished }) => {
    const world = await createProcesses()
    onTestFinished(() => world.close())
    const worker = world.worker()
    await worker.start()
    const hosts = await startHosts(world, HOSTS, SPEC)
    const before = instancesOf(await expectWhole(world, hosts))
    const cloud = watchCloud(world)
    onTestFinished(() => cloud.stop())
    for (const outage of outages) {
      const parts = outage.away.map((name) => partOf(world, worker, name))
      await Promise.all(parts.map((part) => part.kill()))
      await Promise.all([
        lasted(AWAY_MS),
        ...(outage.judged ? hosts.map((host) => untilState(world, host, 'judged', isSpared)) : []),
      ])
      await Promise.all(parts.map((part) => part.start()))
      const after = await expectWhole(world, hosts)
      expect({ outage, instances: instancesOf(after) }).toEqual({ outage, instances: before })
    }
    expect(world.cloud.emulator.recorder.counts()['DeleteInstances']).toBeUndefined()
    expect(cloud.made.size).toBe(HOSTS.length)
  },
)

const instancesOf = (states: HostState[]) =>
  states.map(({ current }) => ({ n: current.n, instanceId: current.instanceId }))

const isSpared = ({ phase, step }: HostState) => phase === 'silent' && step === 'judgePause'

function partOf(world: Processes, worker: Part, name: Outage['away'][number]): Part {
  const [api] = world.apis
  if (!api) throw new Error('no API')
  return { Temporal: world.temporal, worker, API: api }[name]
}
