import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startAgent } from './agent-part.ts'
import type { AgentPart } from './agent-part.ts'
import type { Machine, MachineRoomOptions, MachineSpec } from './contract.ts'
import type { LightFleet } from './light/fleet.ts'
import { openMetadataServer } from './metadata/server.ts'
import type { MetadataServer } from './metadata/server.ts'
import { createBootConsole } from './screen/boot-console.ts'
import { drawScreen } from './screen/screenshot.ts'

export interface MachineOptions {
  spec: MachineSpec
  room: MachineRoomOptions
  roomId: string
  lights: LightFleet
  /** Told before anything of the machine runs and after nothing of it does. */
  onPower: (machine: Machine, on: boolean) => void
}

/** One instance's machine: metadata service, agent, console, screen. Orders are carried out one after another. */
export function createMachine(options: MachineOptions): Machine {
  const { spec } = options
  const console = createBootConsole(spec)
  const changing: { spotTermination: Date | undefined } = { spotTermination: undefined }
  let metadata: MetadataServer | undefined
  let agent: AgentPart | undefined
  let orders: Promise<void> = Promise.resolve()

  function inTurn(order: () => Promise<void>): Promise<void> {
    const done = orders.then(order)
    // The caller hears of a failure; the next order is carried out all the same.
    orders = done.catch(() => undefined)
    return done
  }

  async function powerOn(): Promise<void> {
    if (agent !== undefined) return
    options.onPower(machine, true)
    if (hasProcess(spec)) metadata ??= await openMetadataServer({ spec: toldSpec(spec), changing })
    console.boot(new Date())
    agent = await startAgent({ ...options, metadata, onLine: (line) => console.line(line) })
    if (changing.spotTermination) agent.announceReclaim?.(changing.spotTermination)
  }

  async function haltAgent(how: { force: boolean }): Promise<void> {
    await agent?.stop(how)
    agent = undefined
  }

  async function powerOff(how: { force: boolean }): Promise<void> {
    await haltAgent(how)
    await metadata?.close()
    metadata = undefined
    options.onPower(machine, false)
  }

  /** The metadata service is the cloud's: it answers through a reboot. */
  async function restart(how: { force: boolean }): Promise<void> {
    await haltAgent(how)
    await powerOn()
  }

  const machine: Machine = {
    start: () => inTurn(powerOn),
    stop: (how) => inTurn(() => powerOff(how)),
    reboot: (how) => inTurn(() => restart(how)),
    discard: () => inTurn(() => removeFolder(options)),
    consoleOutput: () => console.text(),
    screenshot: () => drawScreen(console.text(), spec.os),
    setSpotTermination(at) {
      changing.spotTermination = at
      agent?.announceReclaim?.(at)
    },
    /** Empty while there is no service: powered off, or a machine without an agent process. */
    get metadataUrl() {
      return metadata?.url ?? ''
    },
  }
  return machine
}

async function removeFolder({ spec, room }: MachineOptions): Promise<void> {
  if (room.keepFolders === true || !hasProcess(spec)) return
  await rm(join(room.stateDir, spec.instanceId), { recursive: true, force: true })
}

function hasProcess({ behaviour }: MachineSpec): boolean {
  return behaviour.agent === 'process' || behaviour.agent === 'wrongIdentity'
}

/** What the metadata service says: the truth, or another instance's id of the same shape. */
function toldSpec(spec: MachineSpec): MachineSpec {
  if (spec.behaviour.agent !== 'wrongIdentity') return spec
  const { instanceId } = spec
  const last = instanceId.endsWith('0') ? '1' : '0'
  return { ...spec, instanceId: instanceId.slice(0, -1) + last }
}
