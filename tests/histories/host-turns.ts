import { waitFor } from '../../cli/wait-for.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { World } from '../support/world.ts'
import { at, drains, QUICK, ready, retired, speaks, type Scenario } from './steps.ts'

/** Between two renewals of the cloud's own release time. */
const RENEW_EVERY_MS = 1_000

/** What may happen to a host beside its usual way. */
export const HOST_TURNS: Record<string, Scenario> = {
  'dead-man-renewed': async (world) => {
    const host = 'renewed/00001'
    const { instance } = await ready(world, host, { ...QUICK, deadManRenewEveryMs: RENEW_EVERY_MS })
    const isPush = ({ action, parameters }: { action: string; parameters: Record<string, string> }) =>
      action === 'ModifyInstanceAutoReleaseTime' && parameters['InstanceId'] === instance.instanceId
    // The first came with ready.
    await waitFor('two renewals', () => world.emulator.recorder.calls().filter(isPush).length > 2)
    return await retired(world, host)
  },
  reclaimed: async (world) => {
    const host = 'reclaimed/00001'
    await ready(world, host)
    const { generation } = await world.state(host)
    const notice = { generation, attempt: 1, reason: 'spot', inMs: 300_000 }
    await world.handle(host).signal(HOST_SIGNALS.reclaimNotice, notice)
    await drains(world, host, 1)
    await speaks(world, host, 2)
    return await retired(world, host)
  },
  'silent-continued': async (world) => {
    const host = 'outage/00001'
    await ready(world, host, { ...QUICK, heartbeatTimeoutMs: 1_000, silentGraceMs: 10_000 })
    await at(world, host, 'grace')
    const { runId } = await world.handle(host).describe()
    // Long enough for a new run while it is silent: it goes on where the silence is judged.
    await lengthen(world, host, async () => (await world.handle(host).describe()).runId !== runId)
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
}

/** Signals that change nothing but the length of the history. */
async function lengthen(world: World, host: string, isOver: () => Promise<boolean>): Promise<void> {
  const { generation } = await world.state(host)
  await waitFor('a new run', async () => {
    await world.handle(host).signal(HOST_SIGNALS.heard, { generation, attempt: 0 })
    return isOver()
  })
}

async function cancelled(world: World, host: string): Promise<string> {
  await world.handle(host).cancel()
  await world
    .handle(host)
    .result()
    .catch(() => undefined)
  return hostWorkflowId(host)
}
