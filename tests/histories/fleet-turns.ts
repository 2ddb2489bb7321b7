import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import { countSlots } from '../../domain/fleet/slots.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId, sweepWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES } from '../../domain/messages.ts'
import { CONTROLLER } from '../support/names.ts'
import type { World } from '../support/world.ts'
import { launchTagged, sweep } from '../sweep/stage.ts'
import { asked, drains, QUICK, speaks, type Scenario } from './steps.ts'

/** What may happen to a fleet beside its usual way, and what looks after all fleets. */
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
  sweep: async (world) => {
    await launchTagged(world, { host: 'stray/00001', generation: 'a1b2c3d4e5', attempt: 1 })
    await sweep(world)
    return sweepWorkflowId(CONTROLLER)
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
