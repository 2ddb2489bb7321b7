import { expect, it } from 'vitest'
import { hostId } from '../../domain/ids.ts'
import { HOST_UPDATES, type ReplaceRequest } from '../../domain/messages.ts'
import { createRandom } from '../../emulator/random.ts'
import { PATIENT, startMute } from '../chaos/kill-cases.ts'
import { startHosts } from '../support/fleet-of-hosts.ts'
import { lasted } from '../support/lasted.ts'
import { createProcesses } from '../support/processes.ts'
import {
  expectGaplessJournal,
  expectOneInstanceAnAttempt,
  expectWhole,
  watchCloud,
} from '../support/whole-cloud.ts'

const SEEDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const KILLS = 12
const LONGEST_AWAY_MS = 4_000
const LONGEST_CALM_MS = 6_000
const ASKED_MS = 5_000
const HOSTS = [1, 2, 3, 4, 5, 6, 7, 8]
const MUTE = [9, 10]

it.for(SEEDS)(
  'worker, API and Temporal are killed at random moments (seed %s): every host ends with one instance, nothing is left over',
  { timeout: 900_000 },
  async (seed, { onTestFinished }) => {
    const random = createRandom(`random kills ${seed}`)
    // The emulator's own times: every status is met.
    const world = await createProcesses({ cloudGridMs: 500, clockPolicy: {} })
    onTestFinished(() => world.close())
    const cloud = watchCloud(world)
    onTestFinished(() => cloud.stop())
    const worker = world.worker()
    await worker.start()
    const parts = [worker, worker, world.temporal, ...world.apis]

    for (const slot of MUTE) await startMute(world, slot)
    const hosts = [
      ...(await startHosts(world, HOSTS, PATIENT)),
      ...MUTE.map((slot) => hostId('render', slot)),
    ]
    const asked: Promise<unknown>[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      await lasted(random.next() * LONGEST_CALM_MS)
      const host = hosts[Math.floor(random.next() * hosts.length)] ?? ''
      const part = parts[Math.floor(random.next() * parts.length)]
      const request: ReplaceRequest = { by: 'test', why: `kill ${kill} comes`, drain: false }
      // Whether it is accepted before the kill is a matter of luck; either way is right.
      const asking = world.client.connection.withDeadline(Date.now() + ASKED_MS, () =>
        world.handle(host).executeUpdate(HOST_UPDATES.replace, { args: [request] }),
      )
      asked.push(asking.catch(() => 'not answered in time'))
      await part?.kill()
      await lasted(random.next() * LONGEST_AWAY_MS)
      await part?.start()
    }

    await Promise.all(asked)
    await expectWhole(world, hosts, 300_000)
    expectOneInstanceAnAttempt(world, cloud)
    await expectGaplessJournal(world, hosts)
    expect(cloud.made.size).toBeGreaterThan(hosts.length)
  },
)
