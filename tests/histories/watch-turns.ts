import { waitFor } from '../../cli/wait-for.ts'
import { hostWorkflowId, watchActivityId } from '../../domain/ids.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import type { World } from '../support/world.ts'
import { at, goesOn, ONCE, QUICK, ready, retired, vanishes, type Scenario } from './steps.ts'

/** Longer than the minute between two judgements. */
const JUDGE_PAUSE_MS = 61_000
/** Judged twice after this, it has not been looked at for ten minutes: then it is. */
const LONG_GRACE_MS = 500_000
const SILENT = { heartbeatTimeoutMs: 1_500, silentGraceMs: 2_000 }

/** What may happen to a host that is watched. */
export const WATCH_TURNS: Record<string, Scenario> = {
  'silence-spared': async (world) => {
    const [host, other] = ['spared/00001', 'spared/00002']
    // Silent for good, it makes the silence of the one that is judged an outage.
    await ready(world, other, { ...QUICK, ...SILENT, silentGraceMs: 600_000 })
    await at(world, other, 'grace')
    const agent = await ready(world, host, { ...QUICK, ...SILENT, silentGraceMs: LONG_GRACE_MS })
    await at(world, host, 'grace')
    for (const pauseMs of [LONG_GRACE_MS, JUDGE_PAUSE_MS, JUDGE_PAUSE_MS])
      await judgedAfter(world, host, pauseMs)
    agent.keepBeating()
    await at(world, host, 'watch')
    await retired(world, other)
    const workflowId = await retired(world, host)
    agent.stopBeating()
    return workflowId
  },
  'silent-lost': async (world) => {
    const host = 'bereft/00001'
    const agent = await ready(world, host, { ...ONCE, ...SILENT })
    await vanishes(world, agent)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'watch-reopened': async (world) => {
    const host = 'reopened/00001'
    await ready(world, host)
    const { generation } = await world.state(host)
    const activityId = watchActivityId(generation, 1)
    await waitFor('the watch to be open', async () => (await openWatches(world, host)).includes(activityId))
    await world.client.activity.fail({ workflowId: hostWorkflowId(host), activityId }, new Error('a bug'))
    await waitFor('the watch to be closed', async () => (await openWatches(world, host)).length === 0)
    await waitFor('the watch to be open again', async () => (await openWatches(world, host)).length > 0)
    return await retired(world, host)
  },
  'address-then-agent': async (world) => {
    const host = 'both/00001'
    const agent = await knownByAddress(world, host)
    await agent.started()
    await world.when(host, 'to be an agent’s', ({ liveness }) => liveness === 'agent')
    await waitFor('the agent to be heard', async () => {
      const [watched = ''] = await openWatches(world, host)
      return watched.startsWith('agent-')
    })
    return await retired(world, host)
  },
  'address-lost': async (world) => {
    const host = 'forlorn/00001'
    await vanishes(world, await knownByAddress(world, host, ONCE))
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'address-continued': async (world) => {
    const host = 'lasting/00001'
    await knownByAddress(world, host)
    await goesOn(world, host)
    return await retired(world, host)
  },
}

async function judgedAfter(world: World, host: string, pauseMs: number): Promise<void> {
  const { stepNo } = await world.state(host)
  await world.skipHost(host, pauseMs)
  await world.when(host, 'to be judged', (now) => now.step === 'judgePause' && now.stepNo > stepNo)
}

async function knownByAddress(
  world: World,
  host: string,
  changes: Partial<HostSpec> = QUICK,
): Promise<HandAgent> {
  await world.startHost(host, changes)
  await at(world, host, 'awaitStarted')
  const agent = await agentOf(world, host)
  await agent.status(2)
  await at(world, host, 'watch')
  return agent
}

/** Ids of what is under way. */
async function openWatches(world: World, host: string): Promise<string[]> {
  const { raw } = await world.handle(host).describe()
  return (raw.pendingActivities ?? []).map(({ activityId }) => activityId ?? '')
}
