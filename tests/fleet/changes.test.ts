import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineSearchAttributeKey } from '@temporalio/common'
import { beatingAgents } from '../support/hand-agent.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { CONTROLLER } from '../support/names.ts'
import { skipWorkflow } from '../support/time.ts'
import { createWorld, type World } from '../support/world.ts'
import { talkTo } from './talk.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY, type FleetPolicy } from '../../domain/fleet/policy.ts'
import { countSlots, expand } from '../../domain/fleet/slots.ts'
import { fleetWorkflowId, hostId, hostWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { HostSpec } from '../../domain/spec.ts'

const QUICK = { heartbeatSeconds: 1, heartbeatTimeoutMs: 30_000, drainTimeoutMs: 5_000 }
const ROLL: FleetPolicy = {
  ...DEFAULT_POLICY,
  rollout: { ...DEFAULT_POLICY.rollout, maxSurge: '100%', onApply: 'roll' },
}

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', fleetLookEveryMs: 500 })
})
afterAll(() => world?.close())

const { fleetOf, stateOf, ask } = talkTo(() => world)

const rowsOf = (name: string) => world.store.hosts.list({ fleet: name })
const instancesOf = (name: string) => world.instances().filter(({ host }) => host.startsWith(`${name}/`))

async function readySlots(name: string): Promise<number[]> {
  return (await rowsOf(name)).filter(({ phase }) => phase === 'ready').map(({ slot }) => slot)
}

/** These slots are ready, and nothing retires or starts over. */
async function settles(name: string, slots: number[]): Promise<void> {
  let last: unknown
  const holds = async () => {
    const { active, retiring, replacing, rollout } = await stateOf(name)
    const ready = await readySlots(name)
    last = { active, retiring, replacing, rollout, ready }
    return (
      String([expand(active), ready]) === String([slots, slots]) &&
      countSlots(retiring) + replacing.length === 0
    )
  }
  try {
    await waitFor(`fleet ${name} to settle at slots ${slots.join(', ')}`, holds, { timeoutMs: 60_000 })
  } catch (cause) {
    throw new Error(`fleet ${name} stands otherwise: ${JSON.stringify(last)}`, { cause })
  }
}

async function apply(name: string, changes: Partial<HostSpec>): Promise<string> {
  const spec = emulatedSpec({ ...QUICK, ...changes })
  const specHash = await world.store.specs.put(spec, Date.now())
  await ask(name, 'apply', { specHash, spec })
  return specHash
}

const audit = async (name: string) =>
  (await world.store.audit.list({ target: `fleet ${name}` })).map(({ what }) => what)

/** How few hosts were ready while it ran. */
async function fewestReady<T>(name: string, run: () => Promise<T>): Promise<number> {
  let fewest = Infinity
  let isOver = false
  const look = async () => {
    while (!isOver) {
      fewest = Math.min(fewest, (await readySlots(name)).length)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const looking = look()
  try {
    await run()
  } finally {
    isOver = true
    await looking
  }
  return fewest
}

const rolloutIs = (name: string, wanted: string) =>
  waitFor(
    `the rollout of ${name} to be ${wanted}`,
    async () => (await stateOf(name)).rollout?.state === wanted,
    {
      timeoutMs: 60_000,
    },
  )

describe.concurrent('a fleet', () => {
  it('rolls to a new spec with surge, no host missing meanwhile, and ends with the same slots', async () => {
    await world.startFleet('rolled', 2, QUICK, { policy: ROLL })
    await settles('rolled', [1, 2])
    const specHash = await apply('rolled', { tags: { release: 'next' } })
    const fewest = await fewestReady('rolled', async () => {
      await rolloutIs('rolled', 'done')
      await settles('rolled', [1, 2])
    })
    expect(fewest).toBeGreaterThanOrEqual(2)
    expect((await rowsOf('rolled')).map((row) => row.specHash)).toEqual([specHash, specHash])
    expect(world.live.most('rolled/00001')).toBe(1)
    expect(world.live.made('rolled/00003'), 'a host of surge').toBe(1)
    await waitFor('the audit to know', async () => (await audit('rolled')).includes('rollout done'))
    await fleetOf('rolled').terminate('the test has ended')
  })

  it('that is paused in the middle of a rollout adds nothing to its history until it goes on', async () => {
    await world.startFleet('waits', 2, QUICK, { policy: ROLL })
    await settles('waits', [1, 2])
    await ask('waits', 'pause')
    const hash = await apply('waits', { tags: { turn: 'second' } })
    expect((await stateOf('waits')).rollout).toMatchObject({ state: 'rolling' })
    await waitFor('the fleet to wait in one activity', async () => {
      const { raw } = await fleetOf('waits').describe()
      return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'awaitFleetChange')
    })
    await ask('waits', 'resume')
    await waitFor('the rollout to be done', async () => (await stateOf('waits')).rollout?.state === 'done', {
      timeoutMs: 60_000,
    })
    expect(new Set((await rowsOf('waits')).map(({ specHash }) => specHash))).toEqual(new Set([hash]))
    await ask('waits', 'resize', { size: 0 })
    await settles('waits', [])
  })

  it('stops a rollout whose hosts do not boot by itself, and a rollback restores it', async () => {
    await world.startFleet('broken', 2, QUICK, { policy: ROLL })
    await settles('broken', [1, 2])
    const { specHash: good } = await stateOf('broken')
    world.emulator.addFault({
      match: { host: 'broken/*', tags: { release: 'bad' } },
      effect: { type: 'noAgent' },
    })
    const times = { bootTimeoutMs: 1_500, backoff: { initialMs: 100, maxMs: 100 } }
    await apply('broken', { tags: { release: 'bad' }, ...times })
    const fewest = await fewestReady('broken', async () => {
      await rolloutIs('broken', 'stopped')
      await settles('broken', [1, 2])
    })
    expect(fewest, 'nobody but hosts of surge was touched').toBe(2)
    expect((await stateOf('broken')).rollout?.reason).toMatch(/boots of spec .* have failed/)
    expect(await audit('broken')).toContain('rollout stopped')
    expect(await ask('broken', 'rollback')).toMatchObject({ specHash: good })
    await rolloutIs('broken', 'done')
    expect((await rowsOf('broken')).map((row) => row.specHash)).toEqual([good, good])
    expect(world.live.made('broken/00001')).toBe(1)
    await fleetOf('broken').terminate('the test has ended')
  })

  it('incident 17: is frozen by mass silence, whose hosts stay, until beats come back', async () => {
    world.emulator.addFault({ match: { host: 'frozen/*' }, effect: { type: 'noAgent' } })
    const spec = { ...QUICK, heartbeatTimeoutMs: 2_000, silentGraceMs: 3_000 }
    await world.startFleet('frozen', 4, spec)
    const hosts = [1, 2, 3, 4].map((slot) => `frozen/0000${slot}`)
    const agents = await beatingAgents(world, hosts)
    await settles('frozen', [1, 2, 3, 4])
    for (const agent of agents) agent.stopBeating()
    await Promise.all(
      hosts.map((host) => world.when(host, 'to be silent', ({ phase }) => phase === 'silent')),
    )
    await waitFor('the fleet to be frozen', async () => (await stateOf('frozen')).frozen?.silent === 4)
    await ask('frozen', 'resize', { size: 2 })
    await waitFor('the projection to know', async () => {
      const row = await world.store.fleets.get('frozen')
      return row?.desired === 2 && row.status?.frozen?.of === 4
    })
    expect(expand((await stateOf('frozen')).active)).toEqual([1, 2, 3, 4])
    expect(instancesOf('frozen')).toHaveLength(4)
    for (const agent of agents) agent.keepBeating()
    await Promise.all(hosts.map((host) => world.until(host, 'ready')))
    await skipWorkflow(world.client, fleetWorkflowId('frozen'), 31_000)
    await waitFor('two to go', async () => countSlots((await stateOf('frozen')).active) === 2)
    await waitFor('the audit to know', async () => (await audit('frozen')).includes('no longer frozen'))
    expect(await audit('frozen')).toContain('frozen')
    for (const agent of agents) agent.stopBeating()
    await fleetOf('frozen').terminate('the test has ended')
  })

  it('alarms when more hosts run than it knows of, and gives up those beyond its size', async () => {
    await startStrangers('over', [6, 7, 8, 9])
    await Promise.all([6, 7, 8, 9].map((slot) => world.until(`over/0000${slot}`, 'ready')))
    // A fleet compares itself with Temporal's list when its run begins.
    await world.startFleet('over', 1, QUICK)
    await waitFor('the alarm', async () => (await audit('over')).includes('too many hosts'))
    await waitFor('one host to stay', async () => (await readySlots('over')).length === 1)
    expect((await stateOf('over')).desired).toBe(1)
    await fleetOf('over').terminate('the test has ended')
  })

  it('asks for more than is missing, and gives up the slow one', async () => {
    world.emulator.addFault({ match: { host: 'asked/00002' }, effect: { type: 'noAgent' } })
    const policy = { ...DEFAULT_POLICY, overAskPercent: 25 }
    await world.startFleet('asked', 3, QUICK, { policy })
    await world.until('asked/00002', 'booting')
    await waitFor('the three others', async () => String(await readySlots('asked')) === '1,3,4')
    await settles('asked', [1, 3, 4])
    expect(world.live.made('asked/00002')).toBe(1)
    await fleetOf('asked').terminate('the test has ended')
  })

  it('that waits for a host to leave looks for it at no cost in history', async () => {
    await world.startFleet('leaves', 1, QUICK)
    await settles('leaves', [1])
    const refusal = { type: 'error', code: 'IncorrectInstanceStatus' } as const
    const match = { host: 'leaves/00001' }
    world.emulator.addFault({ action: 'DeleteInstances', match, effect: refusal })
    await ask('leaves', 'resize', { size: 0 })
    await world.until('leaves/00001', 'deleting')
    const looks = async () => {
      const { raw, historyLength } = await fleetOf('leaves').describe()
      const look = raw.pendingActivities?.find(
        ({ activityType }) => activityType?.name === 'awaitFleetChange',
      )
      return { tries: look?.attempt ?? 0, historyLength }
    }
    let base = await looks()
    await waitFor('three looks in a row that add nothing', async () => {
      const now = await looks()
      if (now.historyLength !== base.historyLength) base = now
      return now.tries >= base.tries + 3
    })
    expect(expand((await stateOf('leaves')).retiring)).toEqual([1])
    await fleetOf('leaves').terminate('the test has ended')
  })

  it('replaces hosts that have lived long enough, none missing meanwhile', async () => {
    await world.startFleet('aged', 2, QUICK, { policy: { ...ROLL, maxLifetimeMs: 4_000 } })
    await settles('aged', [1, 2])
    const isOld = ({ readyAt = Infinity }: { readyAt?: number }) => readyAt + 4_000 < Date.now()
    await waitFor('both to be old', async () => (await rowsOf('aged')).every(isOld))
    const fewest = await fewestReady('aged', async () => {
      await world.until('aged/00001', 'ready', 2, 60_000)
    })
    expect(fewest).toBeGreaterThanOrEqual(2)
    await fleetOf('aged').terminate('the test has ended')
  })

  it('starts another host as soon as the cloud announces that it takes one', async () => {
    const placements = emulatedSpec().placements.map((placement) => ({ ...placement, spot: {} }))
    await world.startFleet('taken', 2, { ...QUICK, placements })
    await settles('taken', [1, 2])
    const effect = { type: 'spotReclaim' as const, noticeSeconds: 300 }
    world.emulator.addFault({ match: { host: 'taken/00001' }, count: 1, effect })
    const journal = () => world.journal('taken/00001')
    await waitFor('the host to be told', async () =>
      (await journal()).some((line) => line.startsWith('reclaim: ')),
    )
    await waitFor('two to be ready', async () => (await readySlots('taken')).length === 2)
    expect(await journal()).toContainEqual(expect.stringMatching(/^reclaim: the cloud takes the instance in/))
    await fleetOf('taken').terminate('the test has ended')
  })
})

/** Hosts that nobody told the fleet of. */
async function startStrangers(fleet: string, slots: number[]): Promise<void> {
  const input = await hostInput()
  for (const slot of slots) {
    const host = hostId(fleet, slot)
    await world.client.workflow.start(WORKFLOWS.host, {
      workflowId: hostWorkflowId(host),
      taskQueue: MUSTER_QUEUE,
      args: [{ ...input, host }],
      typedSearchAttributes: [{ key: defineSearchAttributeKey('MusterFleet', 'KEYWORD'), value: fleet }],
    })
  }
}

async function hostInput() {
  const spec = emulatedSpec(QUICK)
  const specHash = await world.store.specs.put(spec, Date.now())
  const api = { url: world.api.url, keyId: 'k1' }
  return { controller: CONTROLLER, namespaceId: world.temporal.namespaceId, specHash, spec, api }
}
