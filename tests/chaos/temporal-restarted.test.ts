import { expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { hostId, type HostId } from '../../domain/ids.ts'
import { IMMEDIATE_CLOCK_POLICY } from '../../emulator/clock.ts'
import { startHosts, until, untilState } from '../support/fleet-of-hosts.ts'
import { createProcesses, type Processes } from '../support/processes.ts'
import {
  expectGaplessJournal,
  expectOneInstanceAnAttempt,
  expectWhole,
  idsOf,
  watchCloud,
} from '../support/whole-cloud.ts'
import { PATIENT, givePatience } from './kill-cases.ts'

/** Their deadline comes well after the outage. */
const LATER = [1, 2]
const LATER_MS = 20_000
/** Their deadline comes while Temporal is away. */
const COVERED = [3, 4]
const COVERED_MS = 7_000
/** Their agents say `started` while Temporal is away. */
const SPEAKING = [5, 6, 7]
/** Their launch is under way when Temporal goes. */
const LAUNCHING = [8, 9]
const AGENT_BOOT_S = 3
const LATE_MS = 2_000
/** From Temporal's return to a deadline that it slept through: the SDK's polls pause for up to 10 s, 20 % more by jitter. */
const RETURN_MS = 15_000
/** How long the API may take to find it again. */
const REACHED_MS = 6_000

it.concurrent.for(['kill', 'stop'] as const)(
  'deadlines stay right and no `started` is lost when Temporal is ended by %s and comes back on its file while hosts boot',
  { timeout: 180_000 },
  async (end, { onTestFinished }) => {
    const world = await createProcesses({
      cloudGridMs: 200,
      clockPolicy: { ...IMMEDIATE_CLOCK_POLICY, boot: { afterSeconds: AGENT_BOOT_S } },
    })
    onTestFinished(() => world.close())
    const cloud = watchCloud(world)
    onTestFinished(() => cloud.stop())
    await world.worker().start()

    const later = await startMutes(world, LATER, LATER_MS)
    const covered = await startMutes(world, COVERED, COVERED_MS)
    const deadlines = await Promise.all(
      covered.map(async (host) => (await until(world, host, 'booting')).current.bootDeadline ?? 0),
    )
    const speaking = await startHosts(world, SPEAKING, PATIENT)
    for (const host of speaking) await until(world, host, 'booting')
    const launching = await startHosts(world, LAUNCHING, PATIENT)
    await world.temporal[end]()
    const over = Math.max(...deadlines, Date.now() + AGENT_BOOT_S * 1_000) + 1_000
    await waitFor('the outage to last', () => Date.now() > over)
    await world.temporal.start()
    const backAt = Date.now()
    await waitFor(
      'the API to reach Temporal again',
      async () => (await fetch(`${world.apis[0]?.url}/readyz`)).ok,
      {
        timeoutMs: REACHED_MS,
      },
    )

    for (const host of covered) {
      const { launchedAt, deadlineAt } = await muteEnd(world, host)
      expect(deadlineAt - launchedAt).toBeGreaterThanOrEqual(COVERED_MS)
      expect(deadlineAt).toBeLessThan(backAt + RETURN_MS)
    }
    for (const host of later) {
      const { launchedAt, deadlineAt } = await muteEnd(world, host)
      expect(deadlineAt - launchedAt).toBeGreaterThanOrEqual(LATER_MS)
      // A deadline that started over with the return would come later than both.
      const due = Math.max(launchedAt + LATER_MS, backAt + RETURN_MS)
      expect(deletedAt(world, host, cloud.made)).toBeLessThan(due + LATE_MS)
    }
    const hosts = [...later, ...covered, ...speaking, ...launching]
    const states = await expectWhole(world, hosts)
    expect(states.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual([
      ...[...later, ...covered].map(() => ['mute']),
      ...[...speaking, ...launching].map(() => []),
    ])
    expectOneInstanceAnAttempt(world, cloud)
    await expectGaplessJournal(world, hosts)
  },
)

async function startMutes(world: Processes, slots: number[], bootTimeoutMs: number): Promise<HostId[]> {
  for (const slot of slots) {
    world.cloud.emulator.addFault({
      match: { host: hostId('render', slot) },
      count: 1,
      effect: { type: 'muteAgent' },
    })
  }
  const hosts = await startHosts(world, slots, { ...PATIENT, bootTimeoutMs })
  for (const [index, host] of hosts.entries()) {
    await until(world, host, 'booting')
    await givePatience(world, slots[index] ?? 0)
  }
  return hosts
}

/** By the workflow's time, which is the server's. */
async function muteEnd(world: Processes, host: HostId): Promise<{ launchedAt: number; deadlineAt: number }> {
  const { attempts, generation } = await untilState(
    world,
    host,
    'rid of its mute instance',
    (state) => state.attempts.length > 0,
    60_000,
  )
  expect(attempts[0]?.outcome).toBe('mute')
  const lines = await world.store.journal.list({ host })
  // Whatever else is there was written by the workers of another installation.
  expect(lines.filter((line) => line.generation !== generation)).toEqual([])
  const { n, launchedAt = 0 } = attempts[0] ?? {}
  const deadlines = lines.filter(({ kind, attempt }) => kind === 'deadline' && attempt === n)
  expect({ attempts, lines, deadlines: deadlines.length }).toMatchObject({ deadlines: 1 })
  return { launchedAt, deadlineAt: deadlines[0]?.at ?? 0 }
}

/** When the cloud was asked to delete the host's first instance. */
function deletedAt(world: Processes, host: HostId, made: ReadonlyMap<string, ReadonlySet<string>>): number {
  const [id = ''] = idsOf(made, host, 1)
  const call = world.cloud.emulator.recorder
    .calls()
    .find(({ action, parameters }) => action === 'DeleteInstances' && Object.values(parameters).includes(id))
  return Date.parse(call?.at ?? '')
}
