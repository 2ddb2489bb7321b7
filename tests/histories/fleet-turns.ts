import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import { countSlots } from '../../domain/fleet/slots.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId, hostWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES, WORKFLOWS } from '../../domain/messages.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import type { World } from '../support/world.ts'
import { asked, drains, QUICK, speaks, SPOT, type Scenario } from './steps.ts'

/** What may happen to a fleet beside its usual way. */
export const FLEET_TURNS: Record<string, Scenario> = {
  'fleet-frozen': async (world) => {
    const hosts = ['frozen/00001', 'frozen/00002']
    const spec = { ...QUICK, heartbeatTimeoutMs: 3_000, silentGraceMs: 120_000 }
    const fleet = await world.startFleet('frozen', hosts.length, spec)
    const agents = []
    for (const host of hosts) {
      const agent = await speaks(world, host, 1)
      agent.keepBeating()
      agents.push(agent)
    }
    for (const agent of agents) agent.stopBeating()
    await stands(world, 'frozen', 'to be frozen', ({ frozen }) => frozen?.silent === hosts.length)
    await fleet.executeUpdate(FLEET_UPDATES.overrideFreeze, { args: [{ ...asked, forMs: 600_000 }] })
    for (const agent of agents) agent.keepBeating()
    await stands(world, 'frozen', 'to be frozen no more', ({ frozen }) => frozen === undefined)
    await emptied(world, 'frozen', hosts)
    return fleetWorkflowId('frozen')
  },
  'fleet-over-asked': async (world) => {
    const policy = { ...DEFAULT_POLICY, overAskPercent: 50 }
    await world.startFleet('over-asked', 2, QUICK, { policy })
    await stands(world, 'over-asked', 'to ask for one more', ({ active }) => countSlots(active) === 3)
    const hosts = ['over-asked/00001', 'over-asked/00003']
    for (const host of hosts) await speaks(world, host, 1)
    await stands(world, 'over-asked', 'to give up the slowest', ({ active, retiring }) => {
      return countSlots(active) === hosts.length && countSlots(retiring) === 0
    })
    await emptied(world, 'over-asked', hosts)
    return fleetWorkflowId('over-asked')
  },
  'fleet-applied': async (world) => {
    const fleet = await world.startFleet('applied', 1, QUICK)
    await speaks(world, 'applied/00001', 1)
    const spec = emulatedSpec({ ...QUICK, tags: { release: 'next' } })
    const specHash = await world.store.specs.put(spec, Date.now())
    await fleet.executeUpdate(FLEET_UPDATES.apply, { args: [{ ...asked, specHash, spec }] })
    await world.when('applied/00001', 'to know its next spec', ({ nextSpec }) => nextSpec?.hash === specHash)
    await emptied(world, 'applied', ['applied/00001'])
    return fleetWorkflowId('applied')
  },
  'fleet-reclaimed': async (world) => {
    const [taken, next] = ['lent/00001', 'lent/00002']
    await world.startFleet('lent', 1, { ...QUICK, ...SPOT })
    const agent = await speaks(world, taken, 1)
    await agent.announce(300_000)
    await speaks(world, next, 1)
    await drains(world, taken, 1)
    await stands(world, 'lent', 'to be without it', ({ active, retiring }) => {
      return String(active) === '2,2' && countSlots(retiring) === 0
    })
    await emptied(world, 'lent', [next])
    return fleetWorkflowId('lent')
  },
  'fleet-refused': async (world) => {
    // No worker asks there: this host answers nobody.
    const host = await world.client.workflow.start(WORKFLOWS.host, {
      workflowId: hostWorkflowId('deaf/00001'),
      taskQueue: 'nobody',
    })
    const fleet = await world.startFleet('deaf', 1, QUICK)
    await stands(world, 'deaf', 'to have its slot', ({ active }) => countSlots(active) === 1)
    await fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ ...asked, size: 0 }] })
    await stands(world, 'deaf', 'to have tried', ({ retiring }) => countSlots(retiring) === 1)
    await stands(world, 'deaf', 'to have tried in vain', ({ retiring }) => countSlots(retiring) === 0)
    await host.terminate('recorded')
    await stands(world, 'deaf', 'to try again', ({ retiring }) => countSlots(retiring) === 1)
    await waitFor('the answer', async () => !(await fleet.describe()).raw.pendingActivities?.length)
    await fleet.terminate('recorded')
    return fleetWorkflowId('deaf')
  },
  'fleet-continued': async (world) => {
    const fleet = await world.startFleet('lasting', 0, QUICK)
    const { runId } = await fleet.describe()
    await waitFor('a new run', async () => {
      await fleet.executeUpdate(FLEET_UPDATES.pause, { args: [asked] })
      await fleet.executeUpdate(FLEET_UPDATES.resume, { args: [asked] })
      return (await fleet.describe()).runId !== runId
    })
    await fleet.terminate('recorded')
    return fleetWorkflowId('lasting')
  },
}

async function stands(
  world: World,
  name: string,
  what: string,
  holds: (state: FleetState) => boolean,
): Promise<void> {
  const fleet = world.client.workflow.getHandle(fleetWorkflowId(name))
  const look = async () => holds(await fleet.query<FleetState>(FLEET_QUERIES.state))
  await waitFor(`fleet ${name} ${what}`, look, { timeoutMs: 60_000 })
}

/** Resized to nothing, its last hosts drained. */
async function emptied(world: World, name: string, hosts: string[]): Promise<void> {
  const fleet = world.client.workflow.getHandle(fleetWorkflowId(name))
  await fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ ...asked, size: 0 }] })
  for (const host of hosts) await drains(world, host, 1)
  await stands(
    world,
    name,
    'to be empty',
    ({ active, retiring }) => countSlots(active) + countSlots(retiring) === 0,
  )
}
