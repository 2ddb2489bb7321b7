import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import { agentOf, startedSignal } from '../support/hand-agent.ts'
import type { World } from '../support/world.ts'
import { launchTagged } from '../sweep/stage.ts'
import {
  at,
  failsForGood,
  fault,
  lengthen,
  ONCE,
  QUICK,
  retired,
  speaks,
  vanishes,
  type Scenario,
} from './steps.ts'

/** Longer than the minute of each of these waits: between two looks by tags, and after a first refusal. */
const MINUTE_MS = 61_000
/** Longer than a host asks whether a hold has ended. */
const HELD_MS = 121_000
/** Longer than a host waits whose activity has failed for good. */
const DEAD_END_MS = 31_000

const HANGS = { type: 'hang', when: 'after' } as const
/** Says at once that nobody knows whether an instance was made. */
const UNCLEAR = { type: 'error', code: 'IdempotentParameterMismatch' } as const
const NO_MONEY = { type: 'error', code: 'InvalidAccountStatus.NotEnoughBalance', httpStatus: 403 } as const

/** What may happen to a host until it is ready. */
export const LAUNCH_TURNS: Record<string, Scenario> = {
  'started-early': async (world) => {
    const host = 'early/00001'
    const mend = fault(world, host, 'RunInstances', HANGS)
    await world.startHost(host, QUICK)
    await claims(world, host)
    mend()
    await at(world, host, 'watch')
    return await retired(world, host)
  },
  'started-and-adopted': async (world) => {
    const host = 'claimed/00001'
    fault(world, host, 'RunInstances', HANGS)
    await world.startHost(host, { ...QUICK, bootTimeoutMs: 12_000 })
    await claims(world, host)
    await at(world, host, 'watch')
    return await retired(world, host)
  },
  'unclear-without-instance': async (world) => {
    const host = 'nothing/00001'
    fault(world, host, 'RunInstances', UNCLEAR, 1)
    await world.startHost(host, QUICK)
    await at(world, host, 'lookupPause')
    await world.skipHost(host, MINUTE_MS)
    await world.when(host, 'to try again', ({ current, step }) => current.n === 2 && step === 'awaitStarted')
    return await retired(world, host)
  },
  'unclear-found-late': async (world) => {
    const host = 'hidden/00001'
    fault(world, host, 'RunInstances', UNCLEAR, 1)
    await world.startHost(host, { ...ONCE, bootTimeoutMs: 20_000 })
    const { generation } = await at(world, host, 'lookupPause')
    await launchTagged(world, { host, generation, attempt: 1 })
    // Found, it is past its boot deadline.
    await world.skipHost(host, MINUTE_MS)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'unclear-found-two': async (world) => {
    const host = 'twins/00001'
    fault(world, host, 'RunInstances', UNCLEAR, 1)
    await world.startHost(host, ONCE)
    const { generation } = await at(world, host, 'lookupPause')
    await launchTagged(world, { host, generation, attempt: 1 }, 2)
    await world.skipHost(host, MINUTE_MS)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  held: async (world) => {
    await holds(world, 'held')
    const host = 'held/00001'
    await world.startHost(host, QUICK)
    await at(world, host, 'wait')
    await releases(world, 'held')
    await world.skipHost(host, HELD_MS)
    await at(world, host, 'awaitStarted')
    return await retired(world, host)
  },
  'account-refused': async (world) => {
    const host = 'poor/00001'
    fault(world, host, 'RunInstances', NO_MONEY, 1)
    await world.startHost(host, QUICK)
    await at(world, host, 'wait')
    await world.skipHost(host, MINUTE_MS)
    await at(world, host, 'awaitStarted')
    return await retired(world, host)
  },
  'refused-continued': async (world) => {
    const host = 'poorer/00001'
    fault(world, host, 'RunInstances', NO_MONEY, 1)
    await world.startHost(host, QUICK)
    await at(world, host, 'wait')
    await lengthen(world, host)
    await world.skipHost(host, MINUTE_MS)
    await at(world, host, 'awaitStarted')
    return await retired(world, host)
  },
  'retired-while-waiting': async (world) => {
    const host = 'poorest/00001'
    fault(world, host, 'RunInstances', NO_MONEY, 1)
    await world.startHost(host, QUICK)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'place-refused': async (world) => {
    const host = 'moved/00001'
    const code = 'InvalidVSwitchId.NotFound'
    fault(world, host, 'RunInstances', { type: 'error', code, httpStatus: 404 }, 1)
    await world.startHost(host, QUICK)
    await at(world, host, 'awaitStarted')
    return await retired(world, host)
  },
  'lost-while-booting': async (world) => {
    const host = 'vanished/00001'
    fault(world, host, '*', { type: 'vanish', afterSeconds: 0 })
    await world.startHost(host, ONCE)
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'address-late': async (world) => {
    const host = 'slow/00001'
    fault(world, host, '*', { type: 'lateIp', seconds: 5 })
    await world.startHost(host, { ...QUICK, runningTimeoutMs: 1_000 })
    await world.when(host, 'to be looked for again', ({ current }) => current.unseen === true)
    await at(world, host, 'awaitStarted')
    await speaks(world, host, 1)
    return await retired(world, host)
  },
  'address-missing': async (world) => {
    const host = 'nowhere/00001'
    fault(world, host, '*', { type: 'missingIp' })
    await world.startHost(host, { ...ONCE, bootTimeoutMs: 6_000, runningTimeoutMs: 1_000 })
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'lost-when-ready': async (world) => {
    const host = 'late-loss/00001'
    await world.startHost(host, ONCE)
    await at(world, host, 'awaitStarted')
    const agent = await agentOf(world, host)
    await vanishes(world, agent)
    await world.handle(host).signal(HOST_SIGNALS.started, startedSignal(agent))
    await at(world, host, 'wait')
    return await retired(world, host)
  },
  'dead-end': async (world) => {
    const host = 'stuck/00001'
    const mend = fault(world, host, 'ModifyInstanceAutoReleaseTime', { type: 'hang', when: 'before' })
    await world.startHost(host, QUICK)
    await at(world, host, 'awaitStarted')
    await (await agentOf(world, host)).started()
    await failsForGood(world, host, 'becomeReady')
    mend()
    await world.skipHost(host, DEAD_END_MS)
    await at(world, host, 'watch')
    return await retired(world, host)
  },
}

/** Its agent speaks before the launch has answered. */
async function claims(world: World, host: string): Promise<void> {
  const agent = await agentOf(world, host)
  await world.handle(host).signal(HOST_SIGNALS.started, startedSignal(agent))
  await world.when(host, 'to know the claim', ({ current }) => current.claimedId !== undefined)
}

/** The breaker holds a fleet: it is of no concern to the others. */
async function holds(world: World, fleet: string): Promise<void> {
  const place = { imageId: 'm-bad', zone: 'cn-hangzhou-b', instanceType: 'ecs.g7.large', fleet }
  const boot = { generation: 'g', region: 'cn-hangzhou', outcome: 'failed' as const, why: 'mute for 20:00' }
  const outcome = { ...place, ...boot, host: `${fleet}/00009`, attempt: 1, launchedAt: Date.now() }
  const rules = { ...DEFAULT_BREAKER_RULES, fleet: { failures: 1 } }
  await world.store.holds.noteOutcome(outcome, rules, Date.now())
}

async function releases(world: World, fleet: string): Promise<void> {
  const held = await world.store.holds.list({}, Date.now())
  const { id } = held.find((hold) => hold.fleet === fleet) ?? { id: 0 }
  await world.store.holds.release(id, { by: 'recorder', why: 'for the record' }, Date.now())
}
