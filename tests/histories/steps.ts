import type { World } from '../support/world.ts'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import type { HostStep } from '../../domain/host/types.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_UPDATES } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'

/** A life worth keeping: plays it in the world (agents are the scenario's own) and names the workflow that lived it. */
export type Scenario = (world: World) => Promise<string>

export const asked = { by: 'recorder', why: 'for the record' }
export const QUICK = { heartbeatTimeoutMs: 60_000, backoff: { initialMs: 100, maxMs: 100 } }

export function fault(world: World, host: string, action: string, effect: Effect, count?: number): void {
  world.emulator.addFault({ action, match: { host }, effect, ...(count !== undefined && { count }) })
}
type Effect = Parameters<World['emulator']['addFault']>[0]['effect']

export const at = (world: World, host: string, step: HostStep) =>
  world.when(host, `to be at ${step}`, (state) => state.step === step)

export const update = (world: World, host: string, name: keyof typeof HOST_UPDATES, request: object) =>
  world.handle(host).executeUpdate(HOST_UPDATES[name], { args: [{ ...asked, ...request }] })

export async function ready(
  world: World,
  host: string,
  changes: Partial<HostSpec> = QUICK,
): Promise<HandAgent> {
  await world.startHost(host, changes)
  return await speaks(world, host, 1)
}

export async function speaks(world: World, host: string, attempt: number): Promise<HandAgent> {
  const agent = await agentOf(world, host, attempt)
  await world.until(host, 'booting', attempt)
  await agent.started()
  await at(world, host, 'watch')
  return agent
}

export async function drains(world: World, host: string, attempt: number): Promise<void> {
  await at(world, host, 'awaitDrained')
  await (await agentOf(world, host, attempt)).drained()
}

export async function retired(world: World, host: string): Promise<string> {
  await update(world, host, 'retire', { drain: false })
  await world.handle(host).result()
  return hostWorkflowId(host)
}
