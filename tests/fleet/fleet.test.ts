import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { CONTROLLER } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'
import { talkTo } from './talk.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { countSlots, expand } from '../../domain/fleet/slots.ts'
import type { HostInput } from '../../domain/host/types.ts'
import { hostId, hostWorkflowId } from '../../domain/ids.ts'
import { HOST_UPDATES, WORKFLOWS } from '../../domain/messages.ts'
import { TAGS } from '../../domain/tags.ts'

const asked = { by: 'test', why: 'to see' }
const QUICK = { heartbeatSeconds: 1, heartbeatTimeoutMs: 20_000, drainTimeoutMs: 5_000 }

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', fleetLookEveryMs: 500, fleetResyncEveryMs: 2_000 })
})
afterAll(() => world?.close())

const { fleetOf, stateOf, ask } = talkTo(() => world)

const instancesOf = (name: string) => world.instances().filter(({ host }) => host.startsWith(`${name}/`))
const activeSlots = async (name: string) => expand((await stateOf(name)).active)

async function readySlots(name: string): Promise<number[]> {
  const rows = await world.store.hosts.list({ fleet: name, phases: ['ready'] })
  return rows.map(({ slot }) => slot)
}

/** Exactly these slots are ready, nothing retires, and the cloud has no more. */
async function settles(name: string, slots: number[], timeoutMs = 30_000): Promise<void> {
  await waitFor(
    `fleet ${name} to settle at slots ${slots.join(', ')}`,
    async () => {
      const { active, retiring } = await stateOf(name)
      return (
        String(expand(active)) === String(slots) &&
        countSlots(retiring) === 0 &&
        String(await readySlots(name)) === String(slots) &&
        instancesOf(name).length === slots.length
      )
    },
    { timeoutMs },
  )
}

async function end(name: string): Promise<void> {
  await ask(name, 'resize', { size: 0 })
  await settles(name, [])
  await fleetOf(name).terminate('the test has ended')
}

describe.concurrent('a fleet', () => {
  it('starts the hosts it should have, grows and shrinks, and ends with none', async () => {
    await world.startFleet('sized', 2, QUICK)
    await settles('sized', [1, 2])
    expect(await ask('sized', 'resize', { size: 4 })).toMatchObject({ desired: 4, paused: false })
    await settles('sized', [1, 2, 3, 4])
    await waitFor('the projection to follow', async () => {
      const row = await world.store.fleets.get('sized')
      return row?.desired === 4 && String(row.slots) === '1,4'
    })
    await ask('sized', 'resize', { size: 1 })
    await waitFor('one to stay', async () => (await activeSlots('sized')).length === 1)
    await waitFor('the cloud to follow', () => instancesOf('sized').length === 1)
    for (const slot of [1, 2, 3, 4]) expect(world.live.made(hostId('sized', slot))).toBe(1)
    const story = async () => (await world.store.journal.list({ fleet: 'sized' })).map(({ text }) => text)
    const asked = 'as test has asked: to see'
    expect(await story()).toContainEqual(
      expect.stringContaining(`begins: the fleet is to have 4 hosts, ${asked}`),
    )
    const toldWhy = async () =>
      (await story()).some((line) => line.includes(`the fleet is to have 1 host, ${asked}`))
    await waitFor('those that went to say why', toldWhy)
    await end('sized')
  })

  it('obeys the last of two resizes in a row', async () => {
    await world.startFleet('twice', 1, QUICK)
    await settles('twice', [1])
    await Promise.all([ask('twice', 'resize', { size: 5 }), ask('twice', 'resize', { size: 2 })])
    await waitFor('the fleet to be as large as was asked last', async () => {
      const { desired } = await stateOf('twice')
      return (await activeSlots('twice')).length === desired && instancesOf('twice').length === desired
    })
    await ask('twice', 'resize', { size: 4 })
    await ask('twice', 'resize', { size: 2 })
    await waitFor('two to stay', async () => {
      return (await activeSlots('twice')).length === 2 && instancesOf('twice').length === 2
    })
    expect((await stateOf('twice')).desired).toBe(2)
    await end('twice')
  })

  it('gives up hosts without work first, then the oldest', async () => {
    world.emulator.addFault({ match: { host: 'ordered/00002' }, effect: { type: 'noAgent' } })
    await world.startFleet('ordered', 1, QUICK)
    await settles('ordered', [1])
    await ask('ordered', 'resize', { size: 3 })
    await waitFor('hosts 1 and 3', async () => String(await readySlots('ordered')) === '1,3')
    await world.until('ordered/00002', 'booting')
    await ask('ordered', 'resize', { size: 2 })
    await settles('ordered', [1, 3])
    await ask('ordered', 'resize', { size: 1 })
    await settles('ordered', [3])
    expect([1, 2, 3].map((slot) => world.live.made(hostId('ordered', slot)))).toEqual([1, 1, 1])
    await end('ordered')
  })

  it('starts and retires nothing while it is paused', async () => {
    await world.startFleet('paused', 1, QUICK)
    await settles('paused', [1])
    expect(await ask('paused', 'pause')).toMatchObject({ paused: true })
    await ask('paused', 'resize', { size: 3 })
    await waitFor('the fleet to have looked', async () => {
      const row = await world.store.fleets.get('paused')
      return row?.paused === true && row.desired === 3
    })
    expect(await activeSlots('paused')).toEqual([1])
    await ask('paused', 'resume')
    await settles('paused', [1, 2, 3])
    await end('paused')
  })

  it('3 → 0 → 3 uses the same slots in a new generation, where tokens of the old one are refused', async () => {
    world.emulator.addFault({ match: { host: 'again/*' }, count: 3, effect: { type: 'noAgent' } })
    await world.startFleet('again', 3, QUICK)
    const hosts = [1, 2, 3].map((slot) => hostId('again', slot))
    const first = await Promise.all(
      hosts.map(async (host) => {
        await waitFor(`${host} to be started`, () => world.live.made(host) > 0)
        const agent = await agentOf(world, host)
        await world.until(host, 'booting')
        expect(await agent.started()).toBe(202)
        return agent
      }),
    )
    await settles('again', [1, 2, 3])
    await ask('again', 'resize', { size: 0 })
    await waitFor('all to be told', async () => (await activeSlots('again')).length === 0)
    await Promise.all(first.map((agent) => agent.drained()))
    await settles('again', [])
    await ask('again', 'resize', { size: 3 })
    await settles('again', [1, 2, 3])
    const states = await Promise.all(hosts.map((host) => world.state(host)))
    for (const [i, agent] of first.entries()) {
      expect(states[i]?.generation).not.toBe(agent.enrollment.generation)
      expect(await agent.started()).toBe(410)
      expect((await agent.beat()).status).toBe(410)
      expect(states[i]?.current.n).toBe(1)
      expect(world.live.most(hosts[i] ?? '')).toBe(1)
    }
    await end('again')
  })

  it('notices by comparing with Temporal that a host was terminated, and starts it again', async () => {
    await world.startFleet('robbed', 2, QUICK)
    await settles('robbed', [1, 2])
    const { generation } = await world.state('robbed/00002')
    await world.handle('robbed/00002').terminate('by a careless person')
    const again = await waitFor('host 2 to begin anew', async () => {
      const state = await world.state('robbed/00002').catch(() => undefined)
      return state?.generation !== generation && state
    })
    expect(again.attempts).toEqual([])
    await world.until('robbed/00002', 'ready')
    await ask('robbed', 'resize', { size: 0 })
    await waitFor('both to end', async () => (await activeSlots('robbed')).length === 0)
    // What the terminated workflow had made is the sweep's, or the cloud's own release time's.
    await waitFor('the hosts’ instances to go', () =>
      instancesOf('robbed').every(
        ({ id }) => world.emulator.cloud.instances.get(id)?.tags[TAGS.generation] === generation,
      ),
    )
    await fleetOf('robbed').terminate('the test has ended')
  })

  it('hands an applied spec to its hosts, which take it with their next launch', async () => {
    await world.startFleet('applied', 2, QUICK)
    await settles('applied', [1, 2])
    const spec = emulatedSpec({ ...QUICK, tags: { release: 'next' } })
    const specHash = await world.store.specs.put(spec, Date.now())
    expect(await ask('applied', 'apply', { specHash, spec, size: 3 })).toMatchObject({ specHash, desired: 3 })
    await settles('applied', [1, 2, 3])
    await world.when('applied/00001', 'to know the spec', ({ nextSpec }) => nextSpec?.hash === specHash)
    expect((await world.state('applied/00003')).specHash).toBe(specHash)
    await world
      .handle('applied/00001')
      .executeUpdate(HOST_UPDATES.replace, { args: [{ ...asked, drain: false }] })
    await world.until('applied/00001', 'ready', 2)
    expect((await world.state('applied/00001')).specHash).toBe(specHash)
    const lines = await world.store.journal.list({ host: 'applied/00001', limit: 100 })
    const told = `spec ${specHash} asked by ${asked.by}: ${asked.why}`
    expect(lines.map(({ text }) => text)).toContain(told)
    await end('applied')
  })

  it('is not held up by a host whose workflow never answers', async () => {
    // Nobody works on this queue: the host runs, and never takes a message.
    await world.client.workflow.start(WORKFLOWS.host, {
      workflowId: hostWorkflowId('stuck/00001'),
      taskQueue: 'nobody',
      args: [await hostInput('stuck/00001')],
    })
    await world.startFleet('stuck', 3, QUICK)
    await waitFor('the others to be ready', async () => String(await readySlots('stuck')) === '2,3')
    await ask('stuck', 'resize', { size: 0 })
    await waitFor('the others to go', () => instancesOf('stuck').length === 0)
    await waitFor('the stuck one to be asked again', async () =>
      expand((await stateOf('stuck')).unclear ?? []).includes(1),
    )
    await world.handle('stuck/00001').terminate('it is broken')
    await ask('stuck', 'resize', { size: 4 })
    await waitFor('the fleet to go on', async () => (await readySlots('stuck')).length >= 3)
    expect((await stateOf('stuck')).desired).toBe(4)
    await fleetOf('stuck').terminate('the test has ended')
  })

  it('keeps everything over continue-as-new', async () => {
    await world.startFleet('long', 1, QUICK)
    await settles('long', [1])
    const runId = async () => (await fleetOf('long').describe()).runId
    const first = await runId()
    for (let i = 0; (await runId()) === first && i < 400; i++) {
      await ask('long', i % 2 === 0 ? 'pause' : 'resume')
    }
    expect(await runId()).not.toBe(first)
    await ask('long', 'resume')
    await ask('long', 'resize', { size: 2 })
    await settles('long', [1, 2])
    expect(world.live.made('long/00001')).toBe(1)
    expect(await stateOf('long')).toMatchObject({ desired: 2, active: [[1, 2]], retiring: [], paused: false })
    await end('long')
  })

  it('refuses sizes that are none, and wishes without a reason', async () => {
    await world.startFleet('strict', 0, QUICK)
    for (const size of [-1, 1.5, 5_001, 'two'])
      await expect(ask('strict', 'resize', { size })).rejects.toThrow()
    await expect(ask('strict', 'pause', { why: '' })).rejects.toThrow()
    expect(await stateOf('strict')).toMatchObject({ desired: 0, paused: false })
    await end('strict')
  })
})

async function hostInput(host: string): Promise<HostInput> {
  const spec = emulatedSpec(QUICK)
  return {
    host,
    controller: CONTROLLER,
    namespaceId: world.temporal.namespaceId,
    specHash: await world.store.specs.put(spec, Date.now()),
    spec,
    api: { url: world.api.url, keyId: 'k1' },
  }
}
