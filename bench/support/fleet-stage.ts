import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyFleets } from '../../cli/stack/fleets.ts'
import { fleetWorkflowId, hostId } from '../../domain/ids.ts'
import { FLEET_UPDATES, type ResizeRequest } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import { createMachineRoom, type MachineRoom } from '../../emulator/machines/index.ts'
import { openStore, type Store } from '../../store/index.ts'
import type { ApiRoleOptions } from '../roles/api.ts'
import type { WorkerRoleOptions } from '../roles/worker.ts'
import type { BenchContext } from '../row.ts'
import { startChild, type Child } from './child.ts'
import type { Ground } from './ground.ts'
import { CONTROLLER, KEY, benchSpec } from './spec.ts'

export const FLEET = 'bench'
const ASKER = { by: 'bench', why: 'to see how long it takes' }
const GIVE_UP_MS = 40 * 60_000
const LOOK_EVERY_MS = 250
const SAY_EVERY_LOOKS = 80

/** A fleet of no hosts on a cloud of ours, run by a worker and an API in processes of their own. */
export interface FleetStage {
  readonly store: Store
  readonly worker: Child
  /** What cloud calls there were since the last time this was asked. */
  newCalls(): Record<string, number>
  /** Says how many hosts are wanted, and waits until the store says that all are ready, or all are gone. */
  resize(size: number): Promise<FleetChange>
}

export interface FleetChange {
  tookMs: number
  /** Of hosts that are ready now, from RunInstances to the start of the agent. */
  slowestBootMs: number
  /** From the wish to the last RunInstances. */
  lastLaunchMs: number
}

export interface StageOptions {
  spec?: Partial<HostSpec>
  /** Slots whose first attempt never speaks. */
  mute?: number[]
}

export async function standFleet(
  context: BenchContext,
  ground: Ground,
  { spec: changes = {}, mute = [] }: StageOptions = {},
): Promise<FleetStage> {
  const { folder, cleanup, temporal } = ground
  const { boot, heartbeatSeconds, gridMs: cloudGridMs } = context.counts.fleet
  const bootedAt = new Map<string, number>()
  const emulator = await startEmulator({
    stateDir: join(folder, 'machines'),
    machineRoom: timed(lightRoom(folder), bootedAt),
    defaultBehaviour: { agent: 'light' },
    clockPolicy: { boot },
    seed: 'bench',
  })
  cleanup.add('emulator', () => emulator.close())
  for (const slot of mute) {
    const match = { host: hostId(FLEET, slot), tags: { 'muster:attempt': 1 } }
    emulator.addFault({ match, effect: { type: 'muteAgent' } })
  }
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const { address } = temporal
  const cloud = { endpoint: emulator.endpoint, credentials: emulator.credentials }
  const options: WorkerRoleOptions = { address, storeFile, cloud, cloudGridMs }
  const worker = await startChild({ context, role: 'worker', options }, cleanup)
  const apiOptions: ApiRoleOptions = { address, storeFile }
  const api = await startChild({ context, role: 'api', options: apiOptions }, cleanup)
  const url = await api.ask<string>('url')
  const host = benchSpec({ heartbeatSeconds, ...changes })
  const installation = {
    controller: CONTROLLER,
    namespaceId: temporal.namespaceId,
    api: { url, keyId: KEY.id },
  }
  await applyFleets({ client: temporal.client, store }, installation, [{ name: FLEET, size: 0, host }], ASKER)
  const told = { context, ground, emulator, store, bootedAt }
  return { store, worker, newCalls: countCalls(emulator), resize: (size) => resize(told, size) }
}

const lightRoom = (folder: string): MachineRoom =>
  createMachineRoom({ agentCommand: [], stateDir: join(folder, 'machines'), log: () => {} })

/** A machine is made when its boot is over. */
function timed(room: MachineRoom, bootedAt: Map<string, number>): MachineRoom {
  return {
    create(spec) {
      bootedAt.set(spec.instanceId, Date.now())
      return room.create(spec)
    },
    close: () => room.close(),
  }
}

interface Told {
  context: BenchContext
  ground: Ground
  emulator: Emulator
  store: Store
  bootedAt: ReadonlyMap<string, number>
}

async function resize(
  { context, ground, emulator, store, bootedAt }: Told,
  size: number,
): Promise<FleetChange> {
  const fleet = ground.temporal.client.workflow.getHandle(fleetWorkflowId(FLEET))
  const began = Date.now()
  await fleet.executeUpdate<unknown, [ResizeRequest]>(FLEET_UPDATES.resize, { args: [{ size, ...ASKER }] })
  const giveUpAt = began + GIVE_UP_MS
  for (let looks = 1; ; looks += 1) {
    const phases = (await store.hosts.counts(FLEET))[FLEET] ?? {}
    if (isThere(phases, size) && emulator.cloud.instances.size === size) break
    const words = JSON.stringify(phases)
    if (Date.now() > giveUpAt) throw new Error(`the fleet has not come to ${size} hosts, but to ${words}`)
    if (looks % SAY_EVERY_LOOKS === 0) context.say(`fleet: on the way to ${size}: ${words}`)
    await sleep(LOOK_EVERY_MS)
  }
  const tookMs = Date.now() - began
  const instances = emulator.cloud.instances.newestFirst()
  const boots = instances.map(({ instanceId, createdAtMs }) => (bootedAt.get(instanceId) ?? 0) - createdAtMs)
  const launches = instances.map(({ createdAtMs }) => createdAtMs - began)
  return { tookMs, slowestBootMs: Math.max(0, ...boots), lastLaunchMs: Math.max(0, ...launches) }
}

function isThere(phases: Record<string, number>, size: number): boolean {
  const all = Object.values(phases).reduce((sum, count) => sum + count, 0)
  return all === size && (phases['ready'] ?? 0) === size
}

function countCalls(emulator: Emulator): () => Record<string, number> {
  let before: Record<string, number> = {}
  return () => {
    const now = Object.fromEntries(
      Object.entries(emulator.recorder.counts()).map(([action, outcomes]) => [
        action,
        Object.values(outcomes).reduce((sum, count) => sum + count, 0),
      ]),
    )
    const fresh = Object.entries(now).map(
      ([action, count]) => [action, count - (before[action] ?? 0)] as const,
    )
    before = now
    return Object.fromEntries(fresh.filter(([, count]) => count > 0))
  }
}
