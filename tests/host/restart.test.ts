import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf, startedSignal, type HandAgent } from '../support/hand-agent.ts'
import { ENROLLMENT_KEYS } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_BREAKER_RULES, type BreakerRules } from '../../domain/breaker/rules.ts'
import { HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'
import { hostWorkflowId } from '../../domain/ids.ts'

/** What takes its time at each look, as on a busy machine. */
function slowly(rules: BreakerRules): () => BreakerRules {
  return () => {
    const until = performance.now() + 150
    while (performance.now() < until) continue
    return rules
  }
}

/** EVENT_TYPE_TIMER_FIRED of Temporal's API. */
const TIMER_FIRED = 18

// One after another: each ends the workers that all hosts of this file share.
describe('while the worker is away', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', agents: 'none' })
  })
  afterAll(() => world?.close())

  async function eventTypes(host: string): Promise<number[]> {
    const { history } = await world.client.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId: hostWorkflowId(host) },
    })
    return (history?.events ?? []).map(({ eventType }) => Number(eventType))
  }

  /** The server's own timer has fired: the deadline is there, and nobody has looked at it. */
  async function deadlineWithoutWorker(slot: number): Promise<string> {
    const host = await world.startHost(slot, { bootTimeoutMs: 4_000 })
    await world.when(host, 'to wait for started', ({ step }) => step === 'awaitStarted')
    await world.stopWorkers()
    await waitFor('the deadline to fire', async () => (await eventTypes(host)).includes(TIMER_FIRED))
    return host
  }

  /** As an API whose clock is a moment behind would pass it on. */
  async function signalStarted(host: string, agent: HandAgent): Promise<void> {
    await world.handle(host).signal(HOST_SIGNALS.started, startedSignal(agent))
  }

  async function retire(host: string): Promise<void> {
    await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
      args: [{ by: 'test', why: 'seen', drain: false }],
    })
    await world.handle(host).result()
    expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
    expect(world.live.most(host)).toBe(1)
  }

  it('incident 4: a started that reaches the workflow together with the fired deadline wins', async () => {
    const host = await deadlineWithoutWorker(1)
    const agent = await agentOf(world, host)
    await signalStarted(host, agent)
    await world.startWorkers()
    const ready = await world.until(host, 'ready')
    expect(ready).toMatchObject({ current: { n: 1, instanceId: agent.instance.instanceId }, attempts: [] })
    expect(ready.events.some(({ kind }) => kind === 'deadline')).toBe(false)
    await retire(host)
  })

  it('incident 4: without it the same deadline ends the attempt', async () => {
    const host = await deadlineWithoutWorker(2)
    await world.startWorkers()
    const next = await world.when(host, 'to be in attempt 2', ({ current }) => current.n === 2)
    expect(next.attempts).toMatchObject([{ n: 1, outcome: 'mute' }])
    await retire(host)
  })

  it('the next worker knows each host as the last one did, to the millisecond, however slow the store was', async () => {
    // Within a task nothing of it would be seen: time that stands still there goes on when the task is replayed.
    await world.startWorkers({ breaker: slowly(DEFAULT_BREAKER_RULES) })
    const hosts = await Promise.all([10, 11, 12, 13].map((slot) => world.startHost(slot)))
    const booting = async () =>
      await Promise.all(
        hosts.map((host) => world.when(host, 'to wait for started', ({ step }) => step === 'awaitStarted')),
      )
    const before = await booting()
    await world.startWorkers()
    expect(await booting()).toEqual(before)
    await Promise.all(hosts.map((host) => retire(host)))
  })

  /**
   * A config with another API URL and key reaches hosts by `muster apply` (update `applySpec`), not by the worker, which
   * has keys and no URL: the workflow keeps it (`state.api`) for launches to come. The one under way was recorded with
   * what held when it began, and stays that.
   */
  it('a launch that is asked again by a worker of another deploy is the same request to the byte', async () => {
    const { id } = world.emulator.addFault({
      action: 'RunInstances',
      match: { host: 'render/00003' },
      effect: { type: 'resetAfter' },
    })
    const host = await world.startHost(3, { bootTimeoutMs: 60_000 })
    await waitFor('the first try', () => world.launches(host).length > 0)
    const { specHash, spec } = await world.state(host)
    await world.stopWorkers()
    world.emulator.cloud.faults.remove(id)
    const asked = world.launches(host).length
    const api = { url: 'http://127.0.0.9:8443', keyId: 'k9' }
    const applied = world.handle(host).executeUpdate(HOST_UPDATES.applySpec, {
      args: [{ by: 'test', why: 'the API has moved', hash: specHash, spec, api }],
    })
    const keys: Record<string, string> = { ...ENROLLMENT_KEYS, k9: 'a key that only new launches use' }
    await world.startWorkers({ enrollmentKeys: (keyId) => keys[keyId] })
    await applied
    const booting = await world.until(host, 'booting')
    const sent = world.launches(host).map(({ parameters }) => parameters)
    expect(sent.length, 'asked again after the deploy').toBeGreaterThan(asked)
    for (const parameters of sent) expect(parameters).toEqual(sent[0])
    expect(booting).toMatchObject({ current: { n: 1, launch: 1 }, api })
    expect(world.live.made(host)).toBe(1)
    const { enrollment } = await agentOf(world, host)
    expect(enrollment).toMatchObject({ apiUrl: world.api.url, token: expect.stringMatching(/^v1\.k1\./) })

    await world.handle(host).executeUpdate(HOST_UPDATES.replace, {
      args: [{ by: 'test', why: 'to see the next launch', drain: false }],
    })
    await world.until(host, 'booting', 2)
    const next = await agentOf(world, host, 2)
    expect(next.enrollment).toMatchObject({ apiUrl: api.url, token: expect.stringMatching(/^v1\.k9\./) })
    await retire(host)
    await world.startWorkers()
  })

  it('an instance is adopted when its launch cannot be asked again for want of the enrollment key', async () => {
    const match = { host: 'render/00004' }
    world.emulator.addFault({ action: 'RunInstances', match, effect: { type: 'resetAfter' } })
    const host = await world.startHost(4, { bootTimeoutMs: 60_000 })
    await waitFor('the first try', () => world.launches(host).length > 0)
    await world.stopWorkers()
    const asked = world.launches(host).length
    await world.startWorkers({ enrollmentKeys: () => undefined })
    const booting = await world.until(host, 'booting')
    expect(booting.current).toMatchObject({ n: 1, launch: 1, instanceId: world.instances()[0]?.id })
    expect(world.launches(host)).toHaveLength(asked)
    expect(world.live.made(host)).toBe(1)
    await world.startWorkers()
    await retire(host)
    expect((await world.journal(host)).join('\n')).toMatch(/unclear: .*EnrollmentKeyMissing[\s\S]*adopted: /)
  })
})
