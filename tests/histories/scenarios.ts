import { agentOf, startedSignal } from '../support/hand-agent.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES, HOST_SIGNALS } from '../../domain/messages.ts'
import { FLEET_TURNS } from './fleet-turns.ts'
import { HOST_TURNS } from './host-turns.ts'
import { LAUNCH_TURNS } from './launch-turns.ts'
import { SCHEDULED_TURNS } from './scheduled-turns.ts'
import {
  asked,
  at,
  cancelled,
  drains,
  fault,
  goesOn,
  QUICK,
  ready,
  retired,
  speaks,
  update,
  type Scenario,
} from './steps.ts'
import { WATCH_TURNS } from './watch-turns.ts'

/** By the name of the file that keeps it. */
export const SCENARIOS: Record<string, Scenario> = {
  'ready-retired': async (world) => {
    await ready(world, 'calm/00001')
    return await retired(world, 'calm/00001')
  },
  'mute-retried': async (world) => {
    await world.startHost('mute/00001', { ...QUICK, bootTimeoutMs: 2_000 })
    await speaks(world, 'mute/00001', 2)
    return await retired(world, 'mute/00001')
  },
  'unclear-adopted': async (world) => {
    fault(world, 'unclear/00001', 'RunInstances', { type: 'resetAfter' })
    await world.startHost('unclear/00001', { ...QUICK, bootTimeoutMs: 6_000 })
    await speaks(world, 'unclear/00001', 1)
    return await retired(world, 'unclear/00001')
  },
  'silent-heard': async (world) => {
    const agent = await ready(world, 'heard/00001', { heartbeatTimeoutMs: 1_000, silentGraceMs: 60_000 })
    await at(world, 'heard/00001', 'grace')
    agent.keepBeating()
    await at(world, 'heard/00001', 'watch')
    agent.stopBeating()
    return await retired(world, 'heard/00001')
  },
  'silent-replaced': async (world) => {
    await ready(world, 'silent/00001', { ...QUICK, heartbeatTimeoutMs: 1_000, silentGraceMs: 2_500 })
    await speaks(world, 'silent/00001', 2)
    return await retired(world, 'silent/00001')
  },
  drained: async (world) => {
    const agent = await ready(world, 'drained/00001')
    await update(world, 'drained/00001', 'drain', {})
    await at(world, 'drained/00001', 'awaitDrained')
    await agent.drained()
    await speaks(world, 'drained/00001', 2)
    return await retired(world, 'drained/00001')
  },
  'failed-preserved': async (world) => {
    await ready(world, 'kept/00001', { ...QUICK, preserveFailedMs: 3_600_000 })
    const { generation } = await world.state('kept/00001')
    const failed = { generation, attempt: 1, reason: 'exit code 3' }
    await world.handle('kept/00001').signal(HOST_SIGNALS.workloadFailed, failed)
    await speaks(world, 'kept/00001', 2)
    return await retired(world, 'kept/00001')
  },
  'cancelled-in-launch': async (world) => {
    fault(world, 'cancelled/00001', 'RunInstances', { type: 'hang', when: 'after' })
    await world.startHost('cancelled/00001', { bootTimeoutMs: 6_000 })
    await at(world, 'cancelled/00001', 'launch')
    return await cancelled(world, 'cancelled/00001')
  },
  'known-by-address': async (world) => {
    await world.startHost('legacy/00001', QUICK)
    await at(world, 'legacy/00001', 'awaitStarted')
    await (await agentOf(world, 'legacy/00001')).status(2)
    await at(world, 'legacy/00001', 'watch')
    return await retired(world, 'legacy/00001')
  },
  'long-story': async (world) => {
    await ready(world, 'long/00001')
    await goesOn(world, 'long/00001')
    return await retired(world, 'long/00001')
  },
  'started-with-deadline': async (world) => {
    await world.startHost('late/00001', { ...QUICK, bootTimeoutMs: 3_000 })
    const { current } = await at(world, 'late/00001', 'awaitStarted')
    await world.stopWorkers()
    await waitFor('the deadline to pass', () => Date.now() > (current.bootDeadline ?? 0) + 500)
    const agent = await agentOf(world, 'late/00001')
    await world.handle('late/00001').signal(HOST_SIGNALS.started, startedSignal(agent))
    await world.startWorkers()
    await at(world, 'late/00001', 'watch')
    return await retired(world, 'late/00001')
  },
  fleet: async (world) => {
    const fleet = await world.startFleet('fleet', 1, QUICK)
    await speaks(world, 'fleet/00001', 1)
    await fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ ...asked, size: 2 }] })
    await speaks(world, 'fleet/00002', 1)
    await fleet.executeUpdate(FLEET_UPDATES.pause, { args: [asked] })
    await fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ ...asked, size: 0 }] })
    await fleet.executeUpdate(FLEET_UPDATES.resume, { args: [asked] })
    for (const host of ['fleet/00001', 'fleet/00002']) {
      await at(world, host, 'awaitDrained')
      await (await agentOf(world, host)).drained()
    }
    await waitFor('the fleet to be empty', () =>
      world.instances().every(({ host }) => !host.startsWith('fleet/')),
    )
    return fleetWorkflowId('fleet')
  },
  'fleet-rolled': async (world) => {
    const rollout = { ...DEFAULT_POLICY.rollout, onApply: 'roll' as const }
    const policy = { ...DEFAULT_POLICY, rollout }
    const fleet = await world.startFleet('rolled', 1, QUICK, { policy })
    await speaks(world, 'rolled/00001', 1)
    const spec = emulatedSpec({ ...QUICK, tags: { release: 'next' } })
    const specHash = await world.store.specs.put(spec, Date.now())
    await fleet.executeUpdate(FLEET_UPDATES.apply, { args: [{ ...asked, specHash, spec }] })
    await speaks(world, 'rolled/00002', 1)
    await drains(world, 'rolled/00001', 1)
    await speaks(world, 'rolled/00001', 2)
    await drains(world, 'rolled/00002', 1)
    await fleet.executeUpdate(FLEET_UPDATES.mark, { args: [{ ...asked, slots: [1] }] })
    await waitFor('the rollout to be done', async () => {
      const { rollout: now } = await fleet.query<FleetState>(FLEET_QUERIES.state)
      return now?.state === 'done'
    })
    await fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ ...asked, size: 0 }] })
    await drains(world, 'rolled/00001', 2)
    await waitFor('the fleet to be empty', () =>
      world.instances().every(({ host }) => !host.startsWith('rolled/')),
    )
    return fleetWorkflowId('rolled')
  },
  ...LAUNCH_TURNS,
  ...WATCH_TURNS,
  ...HOST_TURNS,
  ...FLEET_TURNS,
  ...SCHEDULED_TURNS,
  // The last one: what it says about the zone all hosts believe.
  'out-of-stock': async (world) => {
    fault(world, 'stock/00001', 'RunInstances', { type: 'stockOut' }, 1)
    await ready(world, 'stock/00001')
    return await retired(world, 'stock/00001')
  },
}
