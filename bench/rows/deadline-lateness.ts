import { join } from 'node:path'
import { createEcsApi } from '../../activities/index.ts'
import type { EcsApi } from '../../activities/index.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { hostId } from '../../domain/ids.ts'
import { instanceTags } from '../../domain/tags.ts'
import type { HostInput, HostState } from '../../domain/host/types.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { openStore } from '../../store/index.ts'
import { median, medianRatio, percentile, rounded } from '../numbers.ts'
import type { QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { WorkerRoleOptions } from '../roles/worker.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { quickBundle } from '../support/bundles.ts'
import { startChild } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { bootingState } from '../support/hosts.ts'
import { RIVAL_QUEUE } from '../support/lives.ts'
import { inFlight, numbersFrom } from '../support/pool.ts'
import { CONTROLLER, REGION } from '../support/spec.ts'
import { prepareHosts, PREPARED_EVENTS } from '../support/prepared-hosts.ts'

const FACTOR = 1.5
/** What was there before Muster: a look at everything every five minutes. */
const WATCHDOG_MS = 5 * 60_000
const MAX_LEAD_MS = 4 * 60_000
const EVIDENCE = new Set([
  'GetInstanceConsoleOutput',
  'GetInstanceScreenshot',
  'DescribeInstanceHistoryEvents',
])

/** How late the cloud hears of a deadline when many hosts are due at the same instant. */
export const deadlineLateness: Bench = {
  id: 'deadline-lateness',
  about: 'deadline to first call, all at once, p99',
  run,
}

async function run(context: BenchContext): Promise<Finding> {
  const { hosts, rounds } = context.counts.lateness
  const late: number[] = []
  const floor: number[] = []
  await onGround(context, async (ground) => {
    const sides = await bringUp(context, ground)
    for (let n = 1; n <= rounds; n += 1) {
      late.push(percentile(await sides.hosts(), 0.99))
      floor.push(percentile(await sides.timers(), 0.99))
      const shown = `hosts ${rounded(late.at(-1) ?? 0)} ms, bare timers ${rounded(floor.at(-1) ?? 0)} ms`
      context.say(`deadline-lateness: round ${n} of ${rounds}: ${shown}`)
    }
  })
  const ratio = medianRatio(late, floor)
  const watchdog = percentile(watchdogLateness(), 0.99)
  return {
    value: rounded(median(late)),
    unit: 'ms p99',
    against: `${hosts} bare timers to activity ${rounded(median(floor))} ms; a watchdog every 5 minutes ${watchdog} ms (computed)`,
    ratio: rounded(ratio),
    budget: `≤ ${FACTOR} × bare timers`,
    met: ratio <= FACTOR,
  }
}

/** Deadlines fall anywhere between two looks: one for every second. */
const watchdogLateness = (): number[] =>
  numbersFrom(0, WATCHDOG_MS / 1_000).map((second) => WATCHDOG_MS - second * 1_000)

async function bringUp(context: BenchContext, ground: Ground) {
  const { temporal, folder, cleanup } = ground
  const { address } = temporal
  const emulator = await startEmulator({
    stateDir: join(folder, 'machines'),
    agentCommand: [process.execPath],
    defaultBehaviour: { agent: 'mute' },
    clockPolicy: 'immediate',
    seed: 'bench',
  })
  cleanup.add('emulator', () => emulator.close())
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const cloud = { endpoint: emulator.endpoint, credentials: emulator.credentials }
  const options: WorkerRoleOptions = { address, storeFile, cloud }
  await startChild({ context, role: 'worker', options }, cleanup)
  const codePath = await quickBundle('rivals', folder)
  const rival: QuickWorkerOptions = { address, codePath, queue: RIVAL_QUEUE, prefix: 'rival-' }
  const rivals = await startChild({ context, role: 'quickWorker', options: rival }, cleanup)
  const ecs = createEcsApi({ region: REGION, protocol: 'http', ...cloud })
  const { hosts, leadMs } = context.counts.lateness
  let first = 1
  const standAt = async (dueAt: number) => {
    first += 1_000
    const carried = async (input: HostInput) => await withInstance(ecs, ground, input, dueAt)
    await prepareHosts(ground, { first, count: hosts, carried, store, settledAt: PREPARED_EVENTS })
  }
  const timersAt = async (dueAt: number) => {
    first += 1_000
    await inFlight(numbersFrom(first, hosts), 20, (slot) =>
      temporal.client.workflow.start('bareTimer', {
        workflowId: `timer/${slot}`,
        taskQueue: RIVAL_QUEUE,
        args: [dueAt],
      }),
    )
  }
  return {
    async hosts(): Promise<number[]> {
      const dueAt = await inTime(leadMs, standAt)
      return await firstCalls(emulator, numbersFrom(first, hosts), dueAt)
    },
    async timers(): Promise<number[]> {
      let arrivals = Promise.resolve<number[]>([])
      const dueAt = await inTime(leadMs, async (at) => {
        arrivals = rivals.ask<number[]>('arrivals', { dueAt: at, count: hosts })
        await timersAt(at)
      })
      return (await arrivals).map((at) => at - dueAt)
    },
  }
}

/** All must be waiting when the deadline comes; on a busy machine that takes longer than was thought. */
async function inTime(leadMs: number, stand: (dueAt: number) => Promise<void>): Promise<number> {
  for (let lead = leadMs; lead <= MAX_LEAD_MS; lead *= 2) {
    const dueAt = Date.now() + lead
    await stand(dueAt)
    if (Date.now() < dueAt - 500) return dueAt
  }
  throw new Error(`not all were waiting ${MAX_LEAD_MS / 1_000} s after the first: the machine is too busy`)
}

/** A host whose instance is there and says nothing. */
async function withInstance(
  ecs: EcsApi,
  { temporal }: Ground,
  input: HostInput,
  dueAt: number,
): Promise<HostState> {
  const [placement] = input.spec.placements
  if (!placement) throw new Error('a spec without placements')
  const state = bootingState(input, dueAt, '')
  const { host } = input
  const owner = { controller: CONTROLLER, namespaceId: temporal.namespaceId }
  const { instanceId } = await ecs.runInstance({
    clientToken: `${host}-${dueAt}`,
    imageId: input.spec.imageId,
    instanceType: placement.instanceType,
    zoneId: placement.zone,
    vSwitchId: placement.vSwitchId,
    securityGroupIds: input.spec.securityGroupIds,
    instanceName: host.replace('/', '-'),
    hostName: host.replace('/', '-'),
    userData: '#!/bin/sh\n',
    autoReleaseTime: new Date(dueAt + 3_600_000).toISOString().replace(/:\d\d\.\d+Z/, ':00Z'),
    tags: instanceTags(owner, { host, generation: state.generation, attempt: 1 }),
    internetMaxBandwidthOutMbps: 0,
  })
  return { ...state, current: { ...state.current, instanceId } }
}

/** From the deadline to the first call about each host's instance. */
async function firstCalls(emulator: Emulator, slots: number[], dueAt: number): Promise<number[]> {
  const wanted = new Set(slots.map((slot) => hostId('bench', slot)))
  const hostOf = new Map(
    emulator.cloud.instances
      .newestFirst()
      .map(({ instanceId, tags }) => [instanceId, tags['muster:host'] ?? '']),
  )
  const seen = await waitFor(
    'evidence of every host',
    () => {
      const first = new Map<string, number>()
      for (const { action, at, parameters } of emulator.recorder.calls()) {
        const host = hostOf.get(parameters['InstanceId'] ?? '') ?? ''
        if (!EVIDENCE.has(action) || !wanted.has(host) || first.has(host)) continue
        first.set(host, Date.parse(at))
      }
      return first.size === wanted.size && first
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
  return [...seen.values()].map((at) => at - dueAt)
}
