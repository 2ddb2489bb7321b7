import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_UPDATES, type Attribution } from '../../domain/messages.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { openStore } from '../../store/index.ts'
import { MAX_IDS } from '../../activities/ecs/api.ts'
import type { ApiRoleOptions } from '../roles/api.ts'
import type { WorkerRoleOptions } from '../roles/worker.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { startChild } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { benchHost, hostInput, startHost } from '../support/hosts.ts'
import { inFlight, numbersFrom } from '../support/pool.ts'
import { benchSpec } from '../support/spec.ts'

const DESCRIBES = 150
const DELETES = 60
const RETIRE: Attribution = { by: 'fleet bench', why: 'the fleet is to have 0 hosts' }
const GIVE_UP_MS = 15 * 60_000

/** What a thousand hosts cost the account's request quota, with the default grid, launch rate and one worker. */
export const ecsCalls: Bench = { id: 'ecs-calls', about: 'cloud calls of hosts that come and go', run }

async function run(context: BenchContext): Promise<Finding> {
  const hosts = context.counts.ecsHosts
  const counts = await onGround(context, (ground) => comeAndGo(context, ground, hosts))
  const sum = Object.values(counts).reduce((all, count) => all + count, 0)
  const {
    RunInstances = 0,
    ModifyInstanceAutoReleaseTime = 0,
    DescribeInstances = 0,
    DeleteInstances = 0,
  } = counts
  const least = 2 * hosts + 2 * Math.ceil(hosts / MAX_IDS)
  const list = Object.entries(counts).map(([action, count]) => `${action} ${count}`)
  return {
    value: sum,
    unit: 'calls',
    against: `the least there can be ${least}: ${list.join(', ')}`,
    ratio: Number((sum / least).toPrecision(3)),
    budget: `≤ ${hosts} RunInstances, ≤ ${hosts} ModifyInstanceAutoReleaseTime, ≤ ${DESCRIBES} describes, ≤ ${DELETES} deletes`,
    met:
      RunInstances <= hosts &&
      ModifyInstanceAutoReleaseTime <= hosts &&
      DescribeInstances <= DESCRIBES &&
      DeleteInstances <= DELETES,
  }
}

async function comeAndGo(
  context: BenchContext,
  ground: Ground,
  hosts: number,
): Promise<Record<string, number>> {
  const { emulator, apiUrl, spec, specHash } = await bringUp(context, ground)
  const { client } = ground.temporal
  const slots = numbersFrom(1, hosts)
  await inFlight(slots, 20, (slot) =>
    startHost(ground, hostInput(ground, benchHost(slot), { apiUrl, spec, specHash })),
  )
  const { recorder } = emulator
  await until(context, 'ready', hosts, () => recorder.succeeded('ModifyInstanceAutoReleaseTime'))
  await inFlight(slots, 20, (slot) =>
    client.workflow
      .getHandle(hostWorkflowId(benchHost(slot)))
      .executeUpdate(HOST_UPDATES.retire, { args: [RETIRE] }),
  )
  await until(context, 'gone', hosts, () => hosts - emulator.cloud.instances.newestFirst().length)
  await inFlight(slots, 20, (slot) => client.workflow.getHandle(hostWorkflowId(benchHost(slot))).result())
  return Object.fromEntries(
    Object.entries(recorder.counts()).map(([action, outcomes]) => [
      action,
      Object.values(outcomes).reduce((all, count) => all + count, 0),
    ]),
  )
}

async function bringUp(context: BenchContext, { temporal, folder, cleanup }: Ground) {
  const emulator: Emulator = await startEmulator({
    stateDir: join(folder, 'machines'),
    agentCommand: [process.execPath],
    defaultBehaviour: { agent: 'light' },
    seed: 'bench',
  })
  cleanup.add('emulator', () => emulator.close())
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const { address } = temporal
  const cloud = { endpoint: emulator.endpoint, credentials: emulator.credentials }
  const worker: WorkerRoleOptions = { address, storeFile, cloud }
  await startChild({ context, role: 'worker', options: worker }, cleanup)
  const options: ApiRoleOptions = { address, storeFile }
  const api = await startChild({ context, role: 'api', options }, cleanup)
  const spec = benchSpec()
  const specHash = await store.specs.put(spec, Date.now())
  return { emulator, spec, specHash, apiUrl: await api.ask<string>('url') }
}

/** Says now and then how far it is: this takes minutes. */
async function until(
  context: BenchContext,
  what: string,
  wanted: number,
  count: () => number,
): Promise<void> {
  const giveUpAt = Date.now() + GIVE_UP_MS
  for (let looks = 1; count() < wanted; looks += 1) {
    if (Date.now() > giveUpAt)
      throw new Error(`only ${count()} of ${wanted} hosts are ${what} after 15 minutes`)
    if (looks % 40 === 0) context.say(`ecs-calls: ${count()} of ${wanted} hosts ${what}`)
    await sleep(250)
  }
}
