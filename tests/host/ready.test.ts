import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { createWorld, type World } from '../support/world.ts'
import type { HostState } from '../../domain/host/types.ts'
import { HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { TAGS } from '../../domain/tags.ts'

const asked = { by: 'test', why: 'to see' }
/** Silence after a second, judged after two more. */
const SHORT = { heartbeatTimeoutMs: 1_500, silentGraceMs: 2_000, backoff: { initialMs: 100, maxMs: 100 } }
/** Nothing here is about silence: the agents need not beat. */
const PATIENT = { heartbeatTimeoutMs: 120_000, backoff: { initialMs: 100, maxMs: 100 } }

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'none', checkEveryMs: 500 })
})
afterAll(() => world?.close())

async function ready(
  host: string,
  changes: Partial<HostSpec>,
  attempt = 1,
): Promise<{ agent: HandAgent; state: HostState }> {
  if (attempt === 1) await world.startHost(host, changes)
  return await speak(host, attempt)
}

async function speak(host: string, attempt: number): Promise<{ agent: HandAgent; state: HostState }> {
  await world.until(host, 'booting', attempt)
  const agent = await agentOf(world, host, attempt)
  expect(await agent.started()).toBe(202)
  const state = await world.when(host, `to watch attempt ${attempt}`, (now) => isWatching(now, attempt))
  return { agent, state }
}

const isWatching = ({ step, current }: HostState, attempt: number): boolean =>
  step === 'watch' && current.n === attempt

const update = (host: string, name: keyof typeof HOST_UPDATES, request: object = {}) =>
  world.handle(host).executeUpdate(HOST_UPDATES[name], { args: [{ ...asked, ...request }] })

async function retire(host: string): Promise<void> {
  await update(host, 'retire', { drain: false })
  await world.handle(host).result()
  const left = world.instances().filter((instance) => instance.host === host)
  expect(left.filter(({ id }) => !isPreserved(id))).toEqual([])
  expect(world.live.most(host)).toBe(1)
}

const isPreserved = (id: string): boolean =>
  TAGS.preserveUntil in (world.emulator.cloud.instances.get(id)?.tags ?? {})

async function historyLength(host: string): Promise<number> {
  return (await world.handle(host).describe()).historyLength
}

const about = ({ generation, current }: HostState) => ({ generation, attempt: current.n })

describe.concurrent('a ready host', () => {
  it('is kept alive by beats, and fifty of them add no event to its history', async () => {
    const { agent, state } = await ready('beats/00001', { heartbeatTimeoutMs: 3_000 })
    expect((await agent.beat()).status).toBe(200)
    // The task that has opened the watch may still be under way.
    await waitFor('no workflow task to be open', async () => {
      const { raw } = await world.handle('beats/00001').describe()
      return !raw.pendingWorkflowTask
    })
    const before = await historyLength('beats/00001')
    for (let beat = 0; beat < 50; beat++) expect((await agent.beat()).status).toBe(200)
    expect(await historyLength('beats/00001')).toBe(before)
    expect((await world.state('beats/00001')).stepNo).toBe(state.stepNo)
    const { raw } = await world.handle('beats/00001').describe()
    expect(raw.pendingActivities?.map(({ activityId }) => activityId)).toEqual([
      `agent-${state.generation}-1`,
    ])
    await retire('beats/00001')
  })

  it('that falls silent and is heard again within the grace is ready again with its instance', async () => {
    const host = 'heard/00001'
    const { agent, state } = await ready(host, { ...SHORT, silentGraceMs: 60_000 })
    const silent = await world.when(host, 'to be in its grace', ({ step }) => step === 'grace')
    expect(silent).toMatchObject({ phase: 'silent', current: { instanceId: state.current.instanceId } })
    expect(await world.store.hosts.get(host)).toMatchObject({ phase: 'silent' })
    agent.keepBeating()
    const again = await world.when(host, 'to watch again', ({ step }) => step === 'watch')
    expect(again).toMatchObject({ phase: 'ready', current: { n: 1, instanceId: state.current.instanceId } })
    expect(again.silentSince).toBeUndefined()
    const { raw } = await world.handle(host).describe()
    expect(raw.pendingActivities?.map(({ activityId }) => activityId)).toEqual([
      `agent-${state.generation}-1`,
    ])
    agent.stopBeating()
    await retire(host)
  })

  it('that stays silent alone is judged, looked at, deleted and replaced', async () => {
    const others = await Promise.all(['judged/00002', 'judged/00003'].map((host) => ready(host, {})))
    for (const { agent } of others) agent.keepBeating(500)
    const host = 'judged/00001'
    const { state } = await ready(host, SHORT)
    const next = await speak(host, 2)
    expect(next.state.attempts).toMatchObject([
      {
        n: 1,
        outcome: 'silent',
        instanceId: state.current.instanceId,
        reason: expect.stringMatching(/^silent for/) as string,
      },
    ])
    const kinds = (await world.store.evidence.list(host)).map(({ kind }) => kind)
    expect(kinds).toContain('console')
    next.agent.stopBeating()
    await retire(host)
    for (const { agent } of others) agent.stopBeating()
    await Promise.all(['judged/00002', 'judged/00003'].map(retire))
  })

  it('whose instance has vanished while it is silent is replaced at once, without a grace', async () => {
    const host = 'vanished/00001'
    const { agent, state } = await ready(host, { ...SHORT, silentGraceMs: 60_000 })
    world.emulator.addFault({
      match: { instanceId: agent.instance.instanceId },
      effect: { type: 'vanish', afterSeconds: 0 },
    })
    const { attempts } = (await speak(host, 2)).state
    expect(attempts).toMatchObject([{ outcome: 'lost', instanceId: state.current.instanceId }])
    await retire(host)
  })

  it('drains when asked: the agent is told, has its time, and another instance follows', async () => {
    const host = 'drains/00001'
    const { agent } = await ready(host, PATIENT)
    expect(await update(host, 'drain')).toMatchObject({ phase: 'draining', attempt: 1 })
    await world.when(host, 'to wait until drained', ({ step }) => step === 'awaitDrained')
    await waitFor('the command to drain', async () =>
      (await agent.beat()).commands.some(({ kind }) => kind === 'drain'),
    )
    expect(world.emulator.cloud.instances.get(agent.instance.instanceId)).toBeDefined()
    expect(await agent.drained()).toBe(202)
    const next = await speak(host, 2)
    expect(next.state).toMatchObject({ attempts: [{ outcome: 'replaced' }], failures: 0 })
    expect(next.state.wish).toBeUndefined()
    expect((await agent.beat()).status).toBe(410)
    await retire(host)
  })

  it('whose instance has vanished while it drains is not waited for until the drain deadline', async () => {
    const host = 'drains/00002'
    // Its watch, which is told to end, stays open until beats are missed: time is skipped after that.
    const { agent } = await ready(host, { ...PATIENT, heartbeatTimeoutMs: 3_000, drainTimeoutMs: 3_600_000 })
    await update(host, 'drain')
    await world.when(host, 'to wait until drained', ({ step }) => step === 'awaitDrained')
    world.emulator.addFault({
      match: { instanceId: agent.instance.instanceId },
      effect: { type: 'vanish', afterSeconds: 0 },
    })
    await world.skipHost(host, 61_000)
    const next = await speak(host, 2)
    expect(next.state).toMatchObject({ attempts: [{ outcome: 'replaced' }], failures: 0 })
    expect(await world.journal(host)).toContainEqual(
      expect.stringMatching(/^lost: the cloud no longer lists/),
    )
    await retire(host)
  })

  it('that never says drained is deleted at the drain deadline', async () => {
    const host = 'overdue/00001'
    await ready(host, { ...PATIENT, drainTimeoutMs: 1_000 })
    await update(host, 'retire')
    await world.handle(host).result()
    expect(await world.journal(host)).toContain('drained: drain deadline passed; going on')
    expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  })

  it('is replaced with the spec that the request brings', async () => {
    const host = 'replaced/00001'
    const { agent } = await ready(host, PATIENT)
    const spec = emulatedSpec({ ...PATIENT, tags: { release: 'next' } })
    const hash = await world.store.specs.put(spec, Date.now())
    await update(host, 'replace', { drain: false, spec: { hash, spec } })
    const next = await speak(host, 2)
    expect(next.state).toMatchObject({ specHash: hash, attempts: [{ outcome: 'replaced' }] })
    expect(next.agent.instance.tags).toMatchObject({ release: 'next' })
    expect(next.agent.instance.instanceId).not.toBe(agent.instance.instanceId)
    await retire(host)
  })

  it('takes an applied spec with its next launch, not before', async () => {
    const host = 'applied/00001'
    const { state } = await ready(host, PATIENT)
    const spec = emulatedSpec({ ...PATIENT, tags: { release: 'applied' } })
    const hash = await world.store.specs.put(spec, Date.now())
    await update(host, 'applySpec', { hash, spec })
    const told = await world.state(host)
    expect(told).toMatchObject({ stepNo: state.stepNo, specHash: state.specHash, nextSpec: { hash } })
    await world.handle(host).signal(HOST_SIGNALS.workloadFailed, { ...about(told), reason: 'exit code 3' })
    const next = await speak(host, 2)
    expect(next.state).toMatchObject({
      specHash: hash,
      attempts: [{ outcome: 'failed', reason: 'exit code 3' }],
    })
    await retire(host)
  })

  it('whose failed instance is to be kept leaves it to a person and moves on', async () => {
    const host = 'kept/00001'
    const { agent, state } = await ready(host, { ...PATIENT, preserveFailedMs: 3_600_000 })
    await world.handle(host).signal(HOST_SIGNALS.workloadFailed, { ...about(state), reason: 'core dumped' })
    const next = await speak(host, 2)
    expect(next.state.attempts).toMatchObject([{ outcome: 'failed', preserved: true }])
    const { autoReleaseAtMs = 0, tags } = agent.instance
    expect(autoReleaseAtMs - Date.now()).toBeGreaterThan(58 * 60_000)
    expect(autoReleaseAtMs - Date.now()).toBeLessThan(62 * 60_000)
    expect(new Date(tags[TAGS.preserveUntil] ?? '').getTime()).toBe(autoReleaseAtMs)
    expect((await agent.beat()).status).toBe(410)
    await retire(host)
    expect(world.emulator.cloud.instances.get(agent.instance.instanceId)?.releasing).toBe(false)
  })

  it('whose instance a person wants to keep leaves it when it is replaced', async () => {
    const host = 'wanted/00001'
    const { agent } = await ready(host, PATIENT)
    await update(host, 'preserve', { forMs: 2 * 3_600_000 })
    await update(host, 'replace', { drain: false })
    const next = await speak(host, 2)
    expect(next.state.attempts).toMatchObject([{ outcome: 'replaced', preserved: true }])
    expect(agent.instance.tags[TAGS.preserveUntil]).toBeDefined()
    await retire(host)
    expect(world.emulator.cloud.instances.get(agent.instance.instanceId)).toBeDefined()
  })

  it('refuses wishes without a name and a reason, and times that the cloud cannot keep', async () => {
    const host = 'polite/00001'
    await ready(host, PATIENT)
    const handle = world.handle(host)
    await expect(handle.executeUpdate('drain', { args: [{ by: 'x', why: '' }] })).rejects.toThrow()
    await expect(handle.executeUpdate('preserve', { args: [{ ...asked, forMs: 60_000 }] })).rejects.toThrow()
    expect(await world.state(host)).toMatchObject({ phase: 'ready' })
    await retire(host)
  })

  it('that the cloud announces to reclaim drains while there is time, and is replaced', async () => {
    const host = 'spot/00001'
    const placements = emulatedSpec().placements.map((placement) => ({ ...placement, spot: {} }))
    const { agent, state } = await ready(host, { ...PATIENT, placements })
    const notice = { ...about(state), reason: 'spot reclaim', inMs: 300_000 }
    await world.handle(host).signal(HOST_SIGNALS.reclaimNotice, notice)
    const draining = await world.when(host, 'to wait until drained', ({ step }) => step === 'awaitDrained')
    expect((draining.drainUntil ?? 0) - Date.now()).toBeLessThanOrEqual(240_000)
    await agent.drained()
    const next = await speak(host, 2)
    expect(next.state.attempts).toMatchObject([
      { outcome: 'replaced', reason: expect.stringContaining('spot reclaim') as string },
    ])
    await retire(host)
  })

  it('known by its address first and heard by its agent then is watched by its beats', async () => {
    const host = 'both/00001'
    await world.startHost(host, { ...PATIENT, heartbeatTimeoutMs: 1_500, silentGraceMs: 600_000 })
    await world.when(host, 'to run', ({ step }) => step === 'awaitStarted')
    const agent = await agentOf(world, host)
    expect(await agent.status(2)).toBe(202)
    const first = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    expect(first.liveness).toBe('none')
    expect(await agent.started()).toBe(202)
    await world.when(host, 'to be silent', ({ phase }) => phase === 'silent')
    expect(await agent.status(2), 'which says nothing of the agent').toBe(202)
    expect(await world.state(host)).toMatchObject({ phase: 'silent', liveness: 'agent' })
    agent.keepBeating(500)
    await world.when(host, 'to be heard again', ({ step }) => step === 'watch')
    await retire(host)
    agent.stopBeating()
  })

  it('known by its address alone is ready without beats, and looked at again and again at no cost in history', async () => {
    const host = 'legacy/00001'
    await world.startHost(host, PATIENT)
    await world.when(host, 'to run', ({ step }) => step === 'awaitStarted')
    const agent = await agentOf(world, host)
    expect(await agent.status(0)).toBe(202)
    expect((await world.state(host)).phase).toBe('booting')
    expect(await agent.status(2)).toBe(202)
    const watching = await world.when(host, 'to watch', ({ step }) => step === 'watch')
    expect(watching).toMatchObject({ phase: 'ready', liveness: 'none' })
    const looks = async () => {
      const { raw } = await world.handle(host).describe()
      return (
        raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'awaitLost')?.attempt ?? 0
      )
    }
    await waitFor('a look', async () => (await looks()) > 1)
    const { historyLength } = await world.handle(host).describe()
    await waitFor('more looks', async () => (await looks()) > 4)
    expect((await world.handle(host).describe()).historyLength).toBe(historyLength)
    world.emulator.addFault({
      match: { instanceId: agent.instance.instanceId },
      effect: { type: 'vanish', afterSeconds: 0 },
    })
    const next = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(next).toMatchObject({ liveness: 'agent', attempts: [{ outcome: 'lost' }] })
    await retire(host)
  })

  it('incident 15: that is still being made when it is retired is deleted as soon as the cloud can', async () => {
    const host = 'pending/00001'
    const imageId = 'm-bp1slow00000000000000'
    const clock = { pendingToStarting: 'manual' } as const
    world.emulator.seed({ catalogue: { images: [{ imageId, name: 'slow', os: 'linux', clock }] } })
    await world.startHost(host, { ...PATIENT, imageId })
    await world.until(host, 'booting')
    const { instance } = await agentOf(world, host)
    await update(host, 'retire', { drain: false })
    await waitFor('a first look', async () => {
      const { raw } = await world.handle(host).describe()
      return raw.pendingActivities?.some(
        ({ activityType, attempt }) => activityType?.name === 'deleteInstance' && (attempt ?? 0) > 2,
      )
    })
    expect(instance).toMatchObject({ status: 'Pending', releasing: false })
    world.emulator.setClock({ advance: { instanceId: instance.instanceId, transition: 'pendingToStarting' } })
    await world.handle(host).result()
    expect(world.emulator.cloud.instances.get(instance.instanceId)).toBeUndefined()
  })

  it('incident 15: is deleted though the cloud refuses again and again', async () => {
    const host = 'refused/00001'
    await ready(host, PATIENT)
    const effect = { type: 'error', code: 'IncorrectInstanceStatus.Initializing', httpStatus: 403 } as const
    world.emulator.addFault({ action: 'DeleteInstances', match: { host }, count: 3, effect })
    await retire(host)
    const deletes = world.emulator.recorder.calls().filter(({ action }) => action === 'DeleteInstances')
    expect(deletes.filter(({ outcome }) => outcome === effect.code)).toHaveLength(3)
  })
})
