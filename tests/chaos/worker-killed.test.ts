import { describe, expect, it } from 'vitest'
import type { HostState } from '../../domain/host/types.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import { HOST_UPDATES, type ReplaceRequest } from '../../domain/messages.ts'
import { MUSTER_QUEUE, launchQueue } from '../../domain/queues.ts'
import { IMMEDIATE_CLOCK_POLICY } from '../../emulator/clock.ts'
import { pendingActivities, startHost, untilPending } from '../support/fleet-of-hosts.ts'
import { createProcesses, REGION, type Processes } from '../support/processes.ts'
import {
  expectGaplessJournal,
  expectOneInstanceAnAttempt,
  expectWhole,
  watchCloud,
  type CloudWatch,
} from '../support/whole-cloud.ts'
import {
  ANSWERED_CASES,
  HANGING_CASES,
  PATIENT,
  bringToTheCall,
  caseName,
  prepare,
  startMute,
  type KillCase,
} from './kill-cases.ts'

const outcomes = ({ attempts }: HostState) => attempts.map(({ outcome }) => outcome)

/** Agents speak some seconds after their instance runs, as real ones do: it is awaited meanwhile. */
const WORLD = {
  cloudGridMs: 500,
  clockPolicy: { ...IMMEDIATE_CLOCK_POLICY, boot: { afterSeconds: 3 } },
}
const RECOVERY_MS = 100_000
const TIMEOUT_MS = 180_000

describe.concurrent('kill -9 of the worker', () => {
  it(
    'while calls of the cloud are under way: one instance a host, none unclaimed, no attempt lost',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      const world = await createProcesses(WORLD)
      onTestFinished(() => world.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      const worker = world.worker()
      await worker.start()
      const slots = slotsOf(HANGING_CASES.flat())
      await Promise.all(slots.map(({ one, slot }) => prepare(world, slot, one)))
      for (const group of HANGING_CASES) {
        const together = slots.filter(({ one }) => group.includes(one))
        await Promise.all(together.map(({ one, slot }) => bringToTheCall(world, cloud, slot, one)))
      }
      await worker.kill()
      for (const { one, host } of slots) {
        const pending = (await pendingActivities(world, host)).map(({ type }) => type)
        expect({ case: caseName(one), pending }).toMatchObject({
          pending: expect.arrayContaining([one.activity]) as string[],
        })
      }
      expect(await recovered(world, cloud, slots)).toEqual(asTheyShould(slots))
    },
  )

  it(
    'as soon as a call of the cloud is answered: one instance a host, none unclaimed, no attempt lost',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      const world = await createProcesses(WORLD)
      onTestFinished(() => world.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      const slots = slotsOf(ANSWERED_CASES)
      for (const { one, slot } of slots) {
        const worker = world.worker()
        await worker.start()
        await prepare(world, slot, one)
        await bringToTheCall(world, cloud, slot, one)
        await worker.kill()
      }
      expect(await recovered(world, cloud, slots)).toEqual(asTheyShould(slots))
    },
  )

  it(
    'before an activity begins: whoever comes next does it, once',
    { timeout: TIMEOUT_MS },
    async ({ onTestFinished }) => {
      const world = await createProcesses(WORLD)
      onTestFinished(() => world.close())
      const cloud = watchCloud(world)
      onTestFinished(() => cloud.stop())
      // Nobody makes the other calls of the cloud: what needs them stands scheduled.
      const thinker = world.worker([MUSTER_QUEUE])
      const launcher = world.worker([launchQueue(REGION)])
      await Promise.all([thinker.start(), launcher.start()])

      const [toRun, toTell, toDelete, toLaunch] = [1, 2, 3, 4].map((slot) => hostId('render', slot)) as [
        HostId,
        HostId,
        HostId,
        HostId,
      ]
      // Half of a boot timeout is what a launch has: here it waits for a worker that just begins.
      await startMute(world, 2, { runningTimeoutMs: 1_000, bootTimeoutMs: 15_000 })
      await startMute(world, 3, { bootTimeoutMs: 60_000 })
      const request: ReplaceRequest = { by: 'test', why: 'its worker is to die', drain: false }
      await world.handle(toDelete).executeUpdate(HOST_UPDATES.replace, { args: [request] })
      await untilPending(world, toDelete, 'deleteInstance', false)
      await untilPending(world, toTell, 'captureEvidence', false)
      await startHost(world, 1, PATIENT)
      await untilPending(world, toRun, 'awaitRunning', false)
      await launcher.kill()
      await startHost(world, 4, PATIENT)
      await untilPending(world, toLaunch, 'launchInstance', false)
      await thinker.kill()

      await world.worker().start()
      const hosts = [toRun, toTell, toDelete, toLaunch]
      const states = await expectWhole(world, hosts, RECOVERY_MS)
      expect(states.map(outcomes)).toEqual([[], ['mute'], ['replaced'], []])
      expectOneInstanceAnAttempt(world, cloud)
      await expectGaplessJournal(world, hosts)
    },
  )
})

type Slot = { one: KillCase; slot: number; host: HostId }

const slotsOf = (cases: readonly KillCase[]): Slot[] =>
  cases.map((one, index) => ({ one, slot: index + 1, host: hostId('render', index + 1) }))

const asTheyShould = (slots: readonly Slot[]) =>
  slots.filter(({ one }) => !one.retired).map(({ one }) => ({ case: caseName(one), ends: one.ends }))

/** Brings a new worker, waits until all is whole, and tells how the attempts of each wanted host ended. */
async function recovered(world: Processes, cloud: CloudWatch, slots: readonly Slot[]) {
  world.cloud.emulator.cloud.faults.clear()
  await world.worker().start()
  const wanted = slots.filter(({ one }) => !one.retired)
  const retired = slots.filter(({ one }) => one.retired)
  const hostsOf = (some: readonly Slot[]) => some.map(({ host }) => host)
  const states = await expectWhole(world, hostsOf(wanted), RECOVERY_MS, hostsOf(retired))
  expectOneInstanceAnAttempt(world, cloud)
  await expectGaplessJournal(world, hostsOf(slots))
  return wanted.map(({ one }, index) => ({
    case: caseName(one),
    ends: states[index]?.attempts.map(({ outcome }) => outcome),
  }))
}
