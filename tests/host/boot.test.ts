import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONTROLLER, ENROLLMENT_KEYS } from '../support/names.ts'
import { agentOf, startedSignal } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import { tokenCrypto } from '../../store/token-crypto.ts'
import { signEnrollment } from '../../domain/enrollment/token.ts'
import { HOST_SIGNALS, HOST_UPDATES, type StartedSignal } from '../../domain/messages.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'

const TWENTY_MINUTES = 20 * 60_000
const asked = { by: 'test', why: 'to see' }

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'none' })
})
afterAll(() => world?.close())

const awaitsStarted = (host: string) =>
  world.when(host, 'to wait for started', ({ step }) => step === 'awaitStarted')

async function signalStarted(host: string, changes: Partial<StartedSignal>): Promise<void> {
  await world.handle(host).signal(HOST_SIGNALS.started, startedSignal(await agentOf(world, host), changes))
}

async function retire(host: string): Promise<void> {
  await world.handle(host).executeUpdate(HOST_UPDATES.retire, { args: [{ ...asked, drain: false }] })
  await world.handle(host).result()
  expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  expect(world.live.most(host)).toBe(1)
}

describe.concurrent('booting', () => {
  it('incident 1: nothing that happens within an attempt moves its deadline', async () => {
    world.emulator.addFault({ match: { host: 'render/00001' }, effect: { type: 'lateIp', seconds: 1 } })
    const host = await world.startHost(1)
    const launching = await world.when(host, 'to launch', ({ current }) => current.launchedAt !== undefined)
    const deadline = (launching.current.launchedAt ?? 0) + TWENTY_MINUTES
    expect(launching.current.bootDeadline).toBe(deadline)
    const spec = emulatedSpec({ bootTimeoutMs: 2 * TWENTY_MINUTES })
    const hash = await world.store.specs.put(spec, Date.now())
    await world.handle(host).executeUpdate(HOST_UPDATES.applySpec, { args: [{ ...asked, hash, spec }] })
    await world.when(host, 'to be booting', ({ phase }) => phase === 'booting')
    await signalStarted(host, { attempt: 7 })
    const booting = await awaitsStarted(host)
    await world.handle(host).executeUpdate(HOST_UPDATES.preserve, { args: [{ ...asked, forMs: 3_600_000 }] })
    expect(booting.current.bootDeadline).toBe(deadline)
    await world.skipHost(host, TWENTY_MINUTES + 2_000)
    const next = await world.until(host, 'booting', 2)
    const [first] = next.attempts
    expect(first).toMatchObject({ outcome: 'mute', launchedAt: launching.current.launchedAt })
    expect(next.current.placement?.zone, 'not where it has just failed').not.toBe(first?.placement?.zone)
    const events = await world.store.journal.list({ host })
    const { at } = events.find(({ kind }) => kind === 'deadline') ?? { at: 0 }
    expect(at - deadline).toBeGreaterThanOrEqual(0)
    expect(at - deadline).toBeLessThan(5_000)
  })

  it('a client that knows its address alone is heard, however late the cloud tells that address', async () => {
    const host = 'late/00001'
    world.emulator.addFault({ match: { host }, effect: { type: 'lateIp', seconds: 4 } })
    await world.startHost(host, { runningTimeoutMs: 1_000 })
    const agent = await agentOf(world, host)
    expect(await agent.status(2)).toBe(202)
    const looking = await world.when(host, 'to be looked for again', ({ current }) => current.unseen === true)
    expect(looking).toMatchObject({ phase: 'booting', step: 'awaitRunning' })
    await world.when(host, 'to be ready', ({ phase, liveness }) => phase === 'ready' && liveness === 'none')
    const kinds = (await world.store.journal.list({ host })).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'notRunning')).toHaveLength(1)
    await retire(host)
  })

  it('incident 2: the deadline runs before the first cloud call has returned', async () => {
    const effect = { type: 'hang', when: 'before', seconds: 0.8 } as const
    world.emulator.addFault({ action: 'RunInstances', match: { host: 'render/00002' }, count: 1, effect })
    const host = await world.startHost(2)
    const { instance } = await agentOf(world, host)
    const { current } = await awaitsStarted(host)
    const launchedAt = current.launchedAt ?? 0
    expect(instance.createdAtMs - launchedAt, 'the call hung meanwhile').toBeGreaterThanOrEqual(800)
    expect(current.bootDeadline).toBe(launchedAt + TWENTY_MINUTES)
    await retire(host)
  })

  it('incident 3: a started after the deadline is refused, and the instance still dies', async () => {
    const refusal = { type: 'error', code: 'IncorrectInstanceStatus' } as const
    const match = { host: 'render/00003' }
    const fault = world.emulator.addFault({ action: 'DeleteInstances', match, effect: refusal })
    const host = await world.startHost(3, { bootTimeoutMs: 1_500 })
    const agent = await agentOf(world, host)
    await world.when(host, 'to be deleted', ({ step }) => step === 'delete')
    await signalStarted(host, {})
    expect(await agent.started()).toBe(410)
    expect(await world.state(host)).toMatchObject({ phase: 'deleting', current: { n: 1, outcome: 'mute' } })
    world.emulator.cloud.faults.remove(fault.id)
    const second = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(second.attempts).toMatchObject([{ n: 1, outcome: 'mute', instanceId: agent.instance.instanceId }])
    expect(world.instances().some(({ id }) => id === agent.instance.instanceId)).toBe(false)
    expect(await agent.started()).toBe(410)
    await retire(host)
    expect(await world.journal(host)).toContainEqual('refusedStarted: "started" refused: too late')
  })

  it('a started of another generation, attempt or instance changes nothing but the journal', async () => {
    const host = await world.startHost(4)
    const agent = await agentOf(world, host)
    const before = await awaitsStarted(host)
    await signalStarted(host, { generation: 'ffffffffff' })
    await signalStarted(host, { attempt: before.current.n + 1 })
    expect(await agent.started({ instanceId: 'i-bp1foreign' })).toBe(409)
    const foreign = {
      host,
      generation: 'ffffffffff',
      attempt: 1,
      controller: CONTROLLER,
      expiresAt: Date.now() + 60_000,
    }
    agent.enrollment.token = signEnrollment(foreign, { id: 'k1', secret: ENROLLMENT_KEYS.k1 }, tokenCrypto)
    expect(await agent.started()).toBe(410)
    const after = await world.state(host)
    expect(after.current).toEqual(before.current)
    expect(after.events.filter(({ kind }) => kind === 'refusedStarted')).toHaveLength(2)
    await retire(host)
  })

  it('signals without their content, and specs that come in half, change nothing and stop nothing', async () => {
    const host = await world.startHost(9)
    const agent = await agentOf(world, host)
    const before = await awaitsStarted(host)
    for (const name of Object.values(HOST_SIGNALS)) {
      await world.handle(host).signal(name)
      await world.handle(host).signal(name, { generation: before.generation, attempt: 1 })
    }
    for (const half of [{ hash: 'x' }, { spec: {} }, {}]) {
      const applied = world
        .handle(host)
        .executeUpdate(HOST_UPDATES.applySpec, { args: [{ ...asked, ...half }] })
      await expect(applied).rejects.toThrow()
    }
    const spec = { hash: 'x' }
    const replaced = world.handle(host).executeUpdate(HOST_UPDATES.replace, { args: [{ ...asked, spec }] })
    await expect(replaced).rejects.toThrow()
    expect((await world.state(host)).current).toEqual(before.current)
    expect(await agent.started()).toBe(202)
    await world.until(host, 'ready')
    await retire(host)
  })

  it('a started that is repeated is one, and one with a new boot id is a reboot', async () => {
    const host = await world.startHost(5)
    const agent = await agentOf(world, host)
    await awaitsStarted(host)
    expect(await agent.started()).toBe(202)
    const ready = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    expect(await agent.started()).toBe(202)
    await signalStarted(host, { bootId: 'second-boot' })
    await signalStarted(host, { bootId: 'second-boot' })
    const after = await world.when(
      host,
      'to know the reboot',
      ({ current }) => current.bootId === 'second-boot',
    )
    expect(after).toMatchObject({ phase: 'ready', stepNo: ready.stepNo, readyAt: ready.readyAt })
    expect(after.events.map(({ text }) => text)).toEqual(['started again after a reboot'])
    await retire(host)
  })

  it('an agent that speaks before the launch has answered is believed as soon as it has', async () => {
    const effect = { type: 'hang', when: 'after' } as const
    world.emulator.addFault({ action: 'RunInstances', match: { host: 'render/00006' }, count: 1, effect })
    const host = await world.startHost(6)
    const agent = await agentOf(world, host)
    expect([202, 503]).toContain(await agent.started())
    const early = await world.when(
      host,
      'to know the claim',
      ({ current }) => current.claimedId !== undefined,
    )
    expect(early).toMatchObject({ step: 'launch', current: { claimedId: agent.instance.instanceId } })
    const ready = await world.until(host, 'ready')
    expect(ready.current).toMatchObject({ n: 1, launch: 1, instanceId: agent.instance.instanceId })
    expect(world.live.made(host)).toBe(1)
    expect(world.launches(host)).toHaveLength(2)
    await retire(host)
  })

  it('an instance whose agent speaks though the launch never answers is adopted', async () => {
    const effect = { type: 'hang', when: 'after' } as const
    world.emulator.addFault({ action: 'RunInstances', match: { host: 'render/00007' }, effect })
    const host = await world.startHost(7, { bootTimeoutMs: 8_000 })
    const agent = await agentOf(world, host)
    await agent.started()
    const ready = await world.until(host, 'ready', 1)
    expect(ready.current).toMatchObject({ n: 1, launch: 1, instanceId: agent.instance.instanceId })
    expect(new Set(world.launches(host).map(({ parameters }) => parameters['ClientToken'])).size).toBe(1)
    await retire(host)
    expect(await world.journal(host)).toContainEqual(
      expect.stringMatching(/^adopted: .* adopted by its tags/),
    )
  })

  it('incident 11: a ready host is not ended by the boot deadline', async () => {
    const host = await world.startHost(8, { bootTimeoutMs: 8_000 })
    const agent = await agentOf(world, host)
    await awaitsStarted(host)
    await agent.started()
    agent.keepBeating()
    const ready = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    const deadline = ready.current.bootDeadline ?? 0
    await world.when(host, 'to outlive its deadline', () => Date.now() > deadline + 1_000)
    expect(await world.state(host)).toMatchObject({ phase: 'ready', stepNo: ready.stepNo, current: { n: 1 } })
    agent.stopBeating()
    await retire(host)
  })
})
