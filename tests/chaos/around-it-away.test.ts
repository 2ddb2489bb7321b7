import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import type { HostState } from '../../domain/host/types.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import { HOST_UPDATES, type ReplaceRequest } from '../../domain/messages.ts'
import { IMMEDIATE_CLOCK_POLICY } from '../../emulator/clock.ts'
import { startBalancer } from '../support/balancer.ts'
import { pendingActivities, startHost, startHosts } from '../support/fleet-of-hosts.ts'
import { createProcesses, type Processes } from '../support/processes.ts'
import {
  expectGaplessJournal,
  expectOneInstanceAnAttempt,
  expectWhole,
  liveInstances,
  watchCloud,
} from '../support/whole-cloud.ts'
import { PATIENT, startMute } from './kill-cases.ts'

const READY = [1, 2, 3, 4]
const FRESH = [5, 6, 7, 8]
const WORLD = { cloudGridMs: 500 }
const TIMEOUT_MS = 180_000
const RECOVERY_MS = 100_000

describe.concurrent('what stands around the hosts', () => {
  it(
    'the cloud is away while hosts launch and delete: each host ends with one instance, launched once',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      // The emulator's own times: instances are met Pending, Starting and booting.
      const world = await createProcesses({ ...WORLD, clockPolicy: {} })
      onTestFinished(() => world.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      await world.worker().start()
      const ready = await startHosts(world, READY, PATIENT)
      await expectWhole(world, ready)

      await Promise.all(ready.map((host) => replaceNow(world, host)))
      const fresh = await startHosts(world, FRESH, PATIENT)
      await waitFor('a delete and a launch of two hosts', () => {
        const { recorder } = world.cloud.emulator
        return (
          recorder.succeeded('DeleteInstances') > 0 && recorder.succeeded('RunInstances') >= READY.length + 2
        )
      })
      await world.cloud.stop()
      const hosts = [...ready, ...fresh]
      await waitFor('every host to be refused', async () =>
        (await tries(world, hosts)).every((count) => count > 1),
      )
      await world.cloud.start()

      const states = await expectWhole(world, hosts, RECOVERY_MS)
      expect(states.map(outcomes)).toEqual([...READY.map(() => ['replaced']), ...FRESH.map(() => [])])
      expectOneInstanceAnAttempt(world, cloud)
      await expectGaplessJournal(world, hosts)
    },
  )

  it(
    'the store is locked longer than anybody waits for it: nothing is deleted but the mute host, and work goes on after',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      const world = await createProcesses({
        ...WORLD,
        clockPolicy: { ...IMMEDIATE_CLOCK_POLICY, boot: { afterSeconds: 3 } },
      })
      onTestFinished(() => world.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      await world.worker().start()
      const ready = await startHosts(world, READY, { heartbeatTimeoutMs: 5_000, silentGraceMs: 10_000 })
      const before = await expectWhole(world, ready)
      await startMute(world, 9)
      const mute = hostId('render', 9)
      const fresh = await startHosts(world, FRESH, PATIENT)

      const release = lockStore(world)
      await waitFor('every new host to have been refused by the store, and the mute one too', async () =>
        (await tries(world, [...fresh, mute])).every((count) => count > 1),
      )
      expect(liveInstances(world).map(({ host }) => host)).toEqual(expect.arrayContaining(ready))
      release()

      const hosts = [...ready, ...fresh, mute]
      const after = await expectWhole(world, hosts, RECOVERY_MS)
      expect(after.slice(0, ready.length).map(instance)).toEqual(before.map(instance))
      expect(after.map(outcomes)).toEqual([...[...ready, ...fresh].map(() => []), ['mute']])
      expectOneInstanceAnAttempt(world, cloud)
      await expectGaplessJournal(world, hosts)
    },
  )

  it(
    'two workers and two APIs behind one address, each killed once while hosts launch and delete: the same result',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      const world = await createProcesses({ ...WORLD, apis: 2 })
      onTestFinished(() => world.close())
      const balancer = await startBalancer(world.apis.map(({ url }) => url))
      onTestFinished(() => balancer.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      const workers = [world.worker(), world.worker()]
      await Promise.all(workers.map((worker) => worker.start()))
      const launch = (slot: number) => startHost(world, slot, PATIENT, balancer)
      const ready = await Promise.all(READY.map(launch))
      await expectWhole(world, ready)

      for (const [turn, slots] of [FRESH.slice(0, 2), FRESH.slice(2)].entries()) {
        const [replaced] = ready.slice(2 * turn)
        await Promise.all([...slots.map(launch), replaceNow(world, replaced ?? '')])
        await waitFor('their launches', () =>
          liveInstances(world).some(({ host }) => host === hostId('render', slots[0] ?? 0)),
        )
        const parts = [workers[turn], world.apis[turn]].filter((part) => part !== undefined)
        await Promise.all(parts.map((part) => part.kill()))
        await Promise.all(parts.map((part) => part.start()))
      }
      const hosts = [...READY, ...FRESH].map((slot) => hostId('render', slot))
      const states = await expectWhole(world, hosts, RECOVERY_MS)
      expect(states.map(outcomes)).toEqual(
        hosts.map((host) => (host === ready[0] || host === ready[2] ? ['replaced'] : [])),
      )
      expectOneInstanceAnAttempt(world, cloud)
      await expectGaplessJournal(world, hosts)
    },
  )
})

const outcomes = ({ attempts }: HostState) => attempts.map(({ outcome }) => outcome)
const instance = ({ current }: HostState) => current.instanceId

async function replaceNow(world: Processes, host: HostId): Promise<void> {
  const request: ReplaceRequest = { by: 'test', why: 'something is to fail meanwhile', drain: false }
  await world.handle(host).executeUpdate(HOST_UPDATES.replace, { args: [request] })
}

/** How often the host's most tried activity has been tried. */
const tries = (world: Processes, hosts: readonly HostId[]): Promise<number[]> =>
  Promise.all(
    hosts.map(async (host) =>
      Math.max(0, ...(await pendingActivities(world, host)).map(({ attempt }) => attempt)),
    ),
  )

/** Holds the write lock, as a back-up or a person at a console would. @returns how to let go */
function lockStore(world: Processes): () => void {
  const other = new DatabaseSync(world.storeFile, { timeout: 10_000 })
  other.exec('begin immediate')
  return () => {
    other.exec('commit')
    other.close()
  }
}
