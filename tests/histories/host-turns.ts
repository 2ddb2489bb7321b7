import { waitFor } from '../../cli/wait-for.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import { TAGS } from '../../domain/tags.ts'
import { startedSignal, type HandAgent } from '../support/hand-agent.ts'
import type { World } from '../support/world.ts'
import {
  at,
  cancelled,
  drains,
  failsForGood,
  fault,
  goesOn,
  ONCE,
  QUICK,
  ready,
  retired,
  speaks,
  SPOT,
  update,
  vanishes,
  type Scenario,
} from './steps.ts'

/** Longer than a drain is not looked at. */
const FIRST_LOOK_MS = 61_000

/** Between two renewals of the cloud's own release time. */
const RENEW_EVERY_MS = 1_000

/** What may happen to a host beside its usual way. */
export const HOST_TURNS: Record<string, Scenario> = {
  'dead-man-renewed': async (world) => {
    const host = 'renewed/00001'
    const agent = await ready(world, host, { ...QUICK, deadManRenewEveryMs: RENEW_EVERY_MS })
    await twoRenewals(world, agent)
    return await retired(world, host)
  },
  'dead-man-lost': async (world) => {
    const host = 'unrenewed/00001'
    const agent = await ready(world, host, { ...ONCE, deadManRenewEveryMs: RENEW_EVERY_MS })
    await vanishes(world, agent)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'retired-while-silent': async (world) => {
    const host = 'mourned/00001'
    const patient = { ...QUICK, silentGraceMs: 600_000 }
    const spec = { ...patient, heartbeatTimeoutMs: 1_000, deadManRenewEveryMs: RENEW_EVERY_MS }
    const agent = await ready(world, host, spec)
    await at(world, host, 'grace')
    await twoRenewals(world, agent)
    return await retired(world, host)
  },
  reclaimed: async (world) => {
    const host = 'reclaimed/00001'
    await ready(world, host, { ...QUICK, ...SPOT })
    await isTaken(world, host)
    await drains(world, host, 1)
    await speaks(world, host, 2)
    return await retired(world, host)
  },
  'reclaimed-while-draining': async (world) => {
    const host = 'hurried/00001'
    await ready(world, host, { ...QUICK, ...SPOT })
    await update(world, host, 'retire', {})
    const { drainUntil = 0 } = await at(world, host, 'awaitDrained')
    await isTaken(world, host)
    await world.when(host, 'to drain in less time', (state) => (state.drainUntil ?? drainUntil) < drainUntil)
    await drains(world, host, 1)
    await world.handle(host).result()
    return hostWorkflowId(host)
  },
  'drain-lost': async (world) => {
    const host = 'unattended/00001'
    const agent = await ready(world, host, { ...QUICK, heartbeatTimeoutMs: 3_000 })
    await update(world, host, 'retire', {})
    await at(world, host, 'awaitDrained')
    await vanishes(world, agent)
    await world.skipHost(host, FIRST_LOOK_MS)
    await world.handle(host).result()
    return hostWorkflowId(host)
  },
  'drain-overdue': async (world) => {
    const host = 'overdue/00001'
    await ready(world, host, { ...QUICK, drainTimeoutMs: 1_000 })
    await update(world, host, 'retire', {})
    await world.handle(host).result()
    return hostWorkflowId(host)
  },
  'silent-continued': async (world) => {
    const host = 'outage/00001'
    await ready(world, host, { ...QUICK, heartbeatTimeoutMs: 1_000, silentGraceMs: 10_000 })
    await at(world, host, 'grace')
    // Long enough for a new run while it is silent: it goes on where the silence is judged.
    await goesOn(world, host)
    await speaks(world, host, 2)
    return await retired(world, host)
  },
  'cancelled-while-booting': async (world) => {
    await world.startHost('unborn/00001', QUICK)
    await at(world, 'unborn/00001', 'awaitStarted')
    return await cancelled(world, 'unborn/00001')
  },
  'cancelled-while-ready': async (world) => {
    await ready(world, 'called-off/00001')
    return await cancelled(world, 'called-off/00001')
  },
  'failed-and-gone': async (world) => {
    const host = 'unkept/00001'
    const agent = await ready(world, host, { ...ONCE, preserveFailedMs: 3_600_000 })
    await vanishes(world, agent)
    await fails(world, host)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'evidence-missing': async (world) => {
    const host = 'unseen/00001'
    await ready(world, host, ONCE)
    const mend = fault(world, host, 'GetInstanceConsoleOutput', { type: 'hang', when: 'before' })
    await fails(world, host)
    await failsForGood(world, host, 'captureEvidence')
    mend()
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'not-deleted': async (world) => {
    const host = 'foreign/00001'
    const { instance } = await ready(world, host)
    instance.tags[TAGS.controller] = 'somebody-else'
    return await retired(world, host)
  },
  'last-words': async (world) => {
    const host = 'talkative/00001'
    const agent = await ready(world, host)
    const mend = fault(world, host, 'DeleteInstances', { type: 'error', code: 'IncorrectInstanceStatus' })
    await update(world, host, 'retire', { drain: false })
    await at(world, host, 'delete')
    await world.handle(host).signal(HOST_SIGNALS.started, startedSignal(agent))
    await world.when(host, 'to have heard it', ({ later = [] }) => later.length > 0)
    mend()
    await world.handle(host).result()
    return hostWorkflowId(host)
  },
}

/** Beyond the one that came with ready. */
async function twoRenewals(world: World, { instance }: HandAgent): Promise<void> {
  const isPush = ({ action, parameters }: { action: string; parameters: Record<string, string> }) =>
    action === 'ModifyInstanceAutoReleaseTime' && parameters['InstanceId'] === instance.instanceId
  const pushes = () => world.emulator.recorder.calls().filter(isPush).length
  const before = pushes()
  await waitFor('two renewals', () => pushes() >= before + 2)
}

async function isTaken(world: World, host: string): Promise<void> {
  const { generation } = await world.state(host)
  const notice = { generation, attempt: 1, reason: 'spot', inMs: 300_000 }
  await world.handle(host).signal(HOST_SIGNALS.reclaimNotice, notice)
}

async function fails(world: World, host: string): Promise<void> {
  const { generation } = await world.state(host)
  const failed = { generation, attempt: 1, reason: 'exit code 3' }
  await world.handle(host).signal(HOST_SIGNALS.workloadFailed, failed)
}
