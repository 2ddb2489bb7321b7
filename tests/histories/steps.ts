import { ActivityNotFoundError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import type { World } from '../support/world.ts'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { HostStep } from '../../domain/host/types.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'

/** A life worth keeping: plays it in the world (agents are the scenario's own) and names the workflow that lived it. */
export type Scenario = (world: World) => Promise<string>

export const asked = { by: 'recorder', why: 'for the record' }
export const QUICK = { heartbeatTimeoutMs: 60_000, backoff: { initialMs: 100, maxMs: 100 } }
/** Its host still waits for the next attempt when it is retired: that attempt is of no interest. */
export const ONCE = { ...QUICK, backoff: { initialMs: 600_000, maxMs: 600_000 } }
/** The cloud takes back only what it has sold as spot. */
export const SPOT = { placements: emulatedSpec().placements.map((placement) => ({ ...placement, spot: {} })) }
/** Events after which a new run is suggested: enough for every scenario but those that shall be continued. */
export const NEW_RUN_AFTER = 150

/** @returns what ends the fault */
export function fault(
  world: World,
  host: string,
  action: string,
  effect: Effect,
  count?: number,
): () => boolean {
  const { emulator } = world
  const { id } = emulator.addFault({ action, match: { host }, effect, ...(count !== undefined && { count }) })
  return () => emulator.cloud.faults.remove(id)
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

export async function cancelled(world: World, host: string): Promise<string> {
  await world.handle(host).cancel()
  await world
    .handle(host)
    .result()
    .catch(() => undefined)
  return hostWorkflowId(host)
}

export async function vanishes(world: World, { instance: { instanceId } }: HandAgent): Promise<void> {
  world.emulator.addFault({ match: { instanceId }, effect: { type: 'vanish', afterSeconds: 0 } })
  const { instances } = world.emulator.cloud
  await waitFor(`${instanceId} to be gone`, () => instances.get(instanceId) === undefined)
}

/** Of a step that is under way: as no activity of ours fails unless there is a bug in it. */
export async function failsForGood(world: World, host: string, activity: string): Promise<void> {
  const workflowId = hostWorkflowId(host)
  await waitFor(`${activity} of ${host} to be under way`, async () => {
    const { raw } = await world.handle(host).describe()
    const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity)
    if (!pending?.activityId) return false
    const failure = ApplicationFailure.nonRetryable('a bug')
    try {
      await world.client.activity.fail({ workflowId, activityId: pending.activityId }, failure)
      return true
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return false // between two tries
      throw error
    }
  })
}

/** Signals that change nothing but the length of the history: where it may, the host goes on as a new run. */
export async function lengthen(world: World, host: string): Promise<void> {
  const { generation } = await world.state(host)
  const handle = world.handle(host)
  const { runId } = await handle.describe()
  await waitFor('a long history', async () => {
    const now = await handle.describe()
    if (now.historyLength > NEW_RUN_AFTER || now.runId !== runId) return true
    await handle.signal(HOST_SIGNALS.heard, { generation, attempt: 0 })
    return false
  })
}

/** Lengthened until it is another run. */
export async function goesOn(world: World, host: string): Promise<void> {
  const { runId } = await world.handle(host).describe()
  await lengthen(world, host)
  await waitFor('a new run', async () => (await world.handle(host).describe()).runId !== runId)
}
