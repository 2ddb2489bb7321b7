import { Client } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchActivityId } from '../../domain/ids.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import type { HeartbeatAnswer, StartedAnswer } from '../../domain/wire.ts'
import {
  BEAT,
  bearer,
  eventually,
  FACTS,
  recordHost,
  stageApi,
  STARTED,
  tokenFor,
} from '../../api/testing.ts'
import type { Stage } from '../../api/testing.ts'
import { startTemporalStage } from './stage.ts'
import type { StandInHost, TemporalStage } from './stage.ts'

/** PENDING_ACTIVITY_STATE_CANCEL_REQUESTED of the API of Temporal. */
const CANCEL_REQUESTED = 3

let temporal: TemporalStage

beforeAll(async () => {
  temporal = await startTemporalStage()
})
afterAll(() => temporal.stop())

let slots = 0
/** A host of its own for each test. */
async function newHost(attempt = 1): Promise<StandInHost> {
  slots += 1
  return await temporal.startHost(`render/${String(slots).padStart(5, '0')}`, attempt)
}

const stage = (overrides: Parameters<typeof stageApi>[0] = {}): Promise<Stage> =>
  stageApi({ temporal: temporal.client, ...overrides })

const post = (api: Stage, path: string, key: AttemptKey, body: object): Promise<Response> =>
  api.ask(`/v1/agent/${path}`, { headers: bearer(tokenFor(key)), body })

/** Signals a host has received so far, by name. */
const names = async (host: StandInHost): Promise<string[]> => (await host.received()).map(({ name }) => name)

/** Waits until Temporal shows these attributes. */
async function tellAndSee(host: StandInHost, order: { phase?: string; attempt?: number }): Promise<void> {
  await host.tell(order)
  await eventually('the search attributes', async () => {
    const { searchAttributes } = await host.handle.describe()
    const phase = order.phase === undefined || searchAttributes['MusterPhase']?.[0] === order.phase
    return phase && (order.attempt === undefined || searchAttributes['MusterAttempt']?.[0] === order.attempt)
  })
}

/** Begins the watched activity and waits until beats of it are taken. */
async function watch(host: StandInHost): Promise<void> {
  const activityId = watchActivityId(host.key.generation, host.key.attempt)
  await host.tell({ watch: activityId })
  await eventually('the activity is picked up', async () => {
    const { raw } = await host.handle.describe()
    return raw.pendingActivities?.some(
      (activity) => activity.activityId === activityId && activity.lastStartedTime,
    )
  })
}

async function lastDetails(host: StandInHost): Promise<unknown> {
  const { raw } = await host.handle.describe()
  const data = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data
  return data ? JSON.parse(Buffer.from(data).toString()) : undefined
}

describe('started', () => {
  test('is passed on with generation, attempt and facts, and answers what to run', async () => {
    const api = await stage()
    const host = await newHost()
    await recordHost(api.store, host.key)
    const response = await post(api, 'started', host.key, STARTED)
    expect(response.status).toBe(202)
    const answer = (await response.json()) as StartedAnswer
    expect(answer).toEqual({
      heartbeatSeconds: 20,
      workload: { command: ['/bin/render'], stopTimeoutMs: 10_000, restart: 'always' },
      files: [],
    })
    const { generation, attempt } = host.key
    expect(await host.received()).toEqual([
      { name: 'started', payload: { ...STARTED, generation, attempt, liveness: 'agent' } },
    ])
  })

  test('is passed on again when repeated, and its facts reach the store', async () => {
    const api = await stage()
    api.background.start()
    const host = await newHost()
    await recordHost(api.store, host.key)
    await post(api, 'started', host.key, STARTED)
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(202)
    expect(await names(host)).toEqual(['started', 'started'])
    await eventually('the facts', async () => (await api.store.hosts.get(host.key.host))?.facts !== undefined)
    await api.background.stop()
  })

  test('reaches the workflow before its row is written, and the agent is asked to come again', async () => {
    const api = await stage()
    const host = await newHost()
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(503)
    expect(await names(host)).toEqual(['started'])
    await recordHost(api.store, host.key)
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(202)
  })

  test('reaches the workflow while the store is away', async () => {
    const api = await stage()
    const host = await newHost()
    await api.store.close()
    const response = await post(api, 'started', host.key, STARTED)
    expect(response.status).toBe(503)
    expect(await names(host)).toEqual(['started'])
  })

  test('of an attempt that the store knows to be past is 410', async () => {
    const api = await stage()
    const host = await newHost()
    await recordHost(api.store, { ...host.key, attempt: 2 })
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(410)
    expect(await host.received()).toEqual([])
  })

  test('of an instance that is not the attempt’s is 409', async () => {
    const api = await stage()
    const host = await newHost()
    await recordHost(api.store, host.key)
    const facts = { ...FACTS, instanceId: 'i-other' }
    expect((await post(api, 'started', host.key, { ...STARTED, facts })).status).toBe(409)
    expect(await host.received()).toEqual([])
  })

  test('of a host that was retired and started again is 410 by the description, not by the row', async () => {
    const api = await stage()
    const old = await newHost()
    await recordHost(api.store, old.key)
    await old.tell({ end: true })
    await old.handle.result()
    expect((await post(api, 'started', old.key, STARTED)).status).toBe(410)
    const again = await temporal.startHost(old.key.host, 1)
    await recordHost(api.store, again.key)
    expect((await post(api, 'started', old.key, STARTED)).status).toBe(410)
    expect((await post(api, 'started', again.key, STARTED)).status).toBe(202)
  })

  test('is taken when only the row, not the workflow, says deleting', async () => {
    const api = await stage()
    const host = await newHost()
    await recordHost(api.store, { ...host.key, phase: 'deleting' })
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(202)
    await tellAndSee(host, { phase: 'deleting', attempt: 1 })
    expect((await post(api, 'started', host.key, STARTED)).status).toBe(410)
  })

  test('of a host that Temporal does not know is 410', async () => {
    const api = await stage()
    const key = { host: 'render/90000', generation: 'ffffffffff', attempt: 1 }
    await recordHost(api.store, key)
    expect((await post(api, 'started', key, STARTED)).status).toBe(410)
  })

  test('after the expiry is welcome only when one was accepted before it', async () => {
    const now = { ms: Date.now() }
    const api = await stage({ clock: () => now.ms })
    const host = await newHost()
    const token = tokenFor(host.key, { expiresAt: now.ms + 1_000 })
    const send = () => api.ask('/v1/agent/started', { headers: bearer(token), body: STARTED })
    await recordHost(api.store, host.key)
    now.ms += 60_000
    expect((await send()).status).toBe(401)
    expect(await host.received()).toEqual([])
    await recordHost(api.store, { ...host.key, phase: 'ready', seq: 2 })
    expect((await send()).status).toBe(202)
  })
})

describe('heartbeat', () => {
  test('keeps the activity alive without an event in the history, with the beat as its details', async () => {
    const api = await stage()
    const host = await newHost()
    await watch(host)
    const { historyLength } = await host.handle.describe()
    for (let seq = 1; seq <= 20; seq += 1) {
      expect((await post(api, 'heartbeat', host.key, { ...BEAT, seq })).status).toBe(200)
    }
    expect((await host.handle.describe()).historyLength).toBe(historyLength)
    const details = await eventually('the details', () => lastDetails(host))
    expect(details).toMatchObject({ workload: BEAT.workload, load: 0.25 })
  })

  test('is 200 while no worker has picked the activity up, and after it was cancelled', async () => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, { phase: 'ready', attempt: 1 })
    expect((await post(api, 'heartbeat', host.key, BEAT)).status).toBe(200)
    await watch(host)
    await host.tell({ cancelWatch: true })
    await eventually('the cancel request', async () => {
      const { raw } = await host.handle.describe()
      return raw.pendingActivities?.[0]?.state === CANCEL_REQUESTED
    })
    expect((await post(api, 'heartbeat', host.key, BEAT)).status).toBe(200)
    expect(await host.received()).toEqual([])
  })

  test('is 200 in the gap of a continue-as-new, and the generation stays', async () => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, { phase: 'ready', attempt: 1 })
    const { runId } = await host.handle.describe()
    await host.tell({ continueAsNew: true })
    await eventually('the new run', async () => (await host.handle.describe()).runId !== runId)
    expect((await post(api, 'heartbeat', host.key, BEAT)).status).toBe(200)
  })

  test('with a notice of the cloud leaves time to drain, though our clock runs ahead', async () => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, { phase: 'ready', attempt: 1 })
    const notice = (inMs: number) => ({ ...BEAT, reclaimAt: new Date(Date.now() + inMs).toISOString() })
    for (const inMs of [-60_000, 240_000]) await post(api, 'heartbeat', host.key, notice(inMs))
    const told = (await host.received()).map(({ payload }) => (payload as { inMs: number }).inMs)
    expect(told[0]).toBe(180_000)
    expect(told[1]).toBeGreaterThan(200_000)
  })

  test('of a silent host is heard', async () => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, { phase: 'silent', attempt: 1 })
    expect((await post(api, 'heartbeat', host.key, BEAT)).status).toBe(200)
    const { generation, attempt } = host.key
    expect(await host.received()).toEqual([{ name: 'heard', payload: { generation, attempt } }])
  })

  test('of a silent host is heard a few times, however many beats come before its workflow goes on', async () => {
    const now = { ms: Date.now() }
    const api = await stage({ clock: () => now.ms })
    const host = await newHost()
    await tellAndSee(host, { phase: 'silent', attempt: 1 })
    for (let seq = 1; seq <= 25; seq += 1) {
      expect((await post(api, 'heartbeat', host.key, { ...BEAT, seq })).status).toBe(200)
    }
    expect(await names(host)).toEqual(['heard', 'heard', 'heard'])
    now.ms += 15_000
    await post(api, 'heartbeat', host.key, { ...BEAT, seq: 26 })
    expect(await names(host)).toHaveLength(4)
  })

  test.each([
    ['a later attempt', { phase: 'booting', attempt: 2 }],
    ['deletion', { phase: 'deleting', attempt: 1 }],
    ['retirement', { phase: 'retired', attempt: 1 }],
  ])('is 410 after %s', async (_what, order) => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, order)
    const response = await post(api, 'heartbeat', host.key, BEAT)
    expect(response.status).toBe(410)
    expect(await response.json()).toMatchObject({ error: { code: 'gone' } })
  })

  test('is 410 when the workflow has ended or is of another generation', async () => {
    const api = await stage()
    const host = await newHost()
    const other = { ...host.key, generation: '0000000000' }
    expect((await post(api, 'heartbeat', other, BEAT)).status).toBe(410)
    await host.tell({ end: true })
    await host.handle.result()
    expect((await post(api, 'heartbeat', host.key, BEAT)).status).toBe(410)
  })

  test('carries a command, from whichever process, until it is acknowledged', async () => {
    // It asks more often than any agent beats.
    const agentRate = { perSecond: 1_000, burst: 1_000 }
    const first = await stage({ agentRate })
    const second = await stage({ agentRate, store: first.store, id: 'api-2' })
    const host = await newHost()
    await recordHost(first.store, { ...host.key, phase: 'ready' })
    await watch(host)
    for (const api of [first, second]) api.background.start()
    expect(await (await post(first, 'heartbeat', host.key, BEAT)).json()).toEqual({ commands: [] })
    const command = await first.store.commands.add(host.key, 'drain', undefined, Date.now())
    for (const api of [first, second]) {
      await eventually('the command', async () => {
        const answer = (await (await post(api, 'heartbeat', host.key, BEAT)).json()) as HeartbeatAnswer
        return answer.commands[0]?.id === command.id
      })
    }
    const acked = await post(first, 'heartbeat', host.key, { ...BEAT, acks: [{ id: command.id, ok: true }] })
    expect(await acked.json()).toEqual({ commands: [] })
    expect(await (await post(second, 'heartbeat', host.key, BEAT)).json()).toEqual({ commands: [] })
    await Promise.all([first.background.stop(), second.background.stop()])
  })

  test('tells how far the clock of its host is from ours, which judges nobody', async () => {
    const now = { ms: Date.now() }
    const api = await stage({ clock: () => now.ms })
    const host = await newHost()
    await recordHost(api.store, { ...host.key, phase: 'ready' })
    await watch(host)
    const sentAt = new Date(now.ms + 3 * 3_600_000).toISOString()
    expect((await post(api, 'heartbeat', host.key, { ...BEAT, sentAt })).status).toBe(200)
    api.background.start()
    await api.background.stop()
    const row = await api.store.hosts.get(host.key.host)
    expect(row).toMatchObject({ clockSkewMs: 3 * 3_600_000, lastBeatAt: now.ms })
  })

  test('writes beats together, and facts before its answer', async () => {
    const api = await stage()
    const host = await newHost()
    await recordHost(api.store, { ...host.key, phase: 'ready' })
    await watch(host)
    const facts = { ...FACTS, cpu: { logical: 4, physical: 2, source: 'systeminformation' as const } }
    await post(api, 'heartbeat', host.key, { ...BEAT, facts })
    expect((await api.store.hosts.get(host.key.host))?.facts).toEqual(facts)
    expect((await api.store.hosts.get(host.key.host))?.lastBeatAt).toBeUndefined()
    api.background.start()
    await api.background.stop()
    expect(await api.store.hosts.get(host.key.host)).toMatchObject({ workload: 'running', load: 0.25 })
  })
})

describe('facts in a beat', () => {
  const facts = { ...FACTS, cpu: { logical: 4, physical: 2, source: 'systeminformation' as const } }

  test.each([
    ['has expired', -1],
    ['has not expired', 60_000],
  ])('before the first started do not stand for one, whether the token %s', async (_what, leftMs) => {
    const now = { ms: Date.now() }
    const api = await stage({ clock: () => now.ms })
    const host = await newHost()
    await recordHost(api.store, host.key)
    const headers = bearer(tokenFor(host.key, { expiresAt: now.ms + leftMs }))
    const beat = await api.ask('/v1/agent/heartbeat', { headers, body: { ...BEAT, facts } })
    expect(beat.status).toBe(503)
    expect(await beat.json()).toMatchObject({ error: { message: expect.stringContaining('started') } })
    expect((await api.store.hosts.get(host.key.host))?.facts).toBeUndefined()
    now.ms += 60_001
    expect((await api.ask('/v1/agent/started', { headers, body: STARTED })).status).toBe(401)
    expect(await names(host)).toEqual([])
  })

  test('after it are kept, and a reboot is welcome, though the token has expired since', async () => {
    const now = { ms: Date.now() }
    const api = await stage({ clock: () => now.ms })
    const host = await newHost()
    await recordHost(api.store, host.key)
    const headers = bearer(tokenFor(host.key, { expiresAt: now.ms + 1 }))
    const say = async (path: string, body: object) =>
      (await api.ask(`/v1/agent/${path}`, { headers, body })).status
    expect(await say('started', STARTED)).toBe(202)
    api.background.start()
    await api.background.stop()
    now.ms += 60_000
    expect(await say('heartbeat', { ...BEAT, facts })).toBe(200)
    expect((await api.store.hosts.get(host.key.host))?.facts).toEqual(facts)
    expect(await say('started', { ...STARTED, bootId: 'boot-2' })).toBe(202)
  })
})

describe('a workload that has failed', () => {
  const workload = { state: 'failed', restarts: 0, exitCode: 7, lastWords: 'no licence\u001b[0m' }
  const FAILED = { ...BEAT, workload }
  const failures = async (host: StandInHost) =>
    (await host.received()).filter(({ name }) => name === 'workloadFailed')

  test('is told once a boot by each process, with exit code and last words, however long beats say so', async () => {
    const api = await stage()
    const host = await newHost()
    await watch(host)
    for (let beat = 0; beat < 5; beat += 1) {
      expect((await post(api, 'heartbeat', host.key, FAILED)).status).toBe(200)
    }
    const { generation, attempt } = host.key
    const reason = 'the workload has failed: exit code 7, "no licence [0m"'
    expect(await failures(host)).toEqual([
      { name: 'workloadFailed', payload: { generation, attempt, reason } },
    ])
    const other = await stage({ store: api.store, id: 'api-2' })
    for (const one of [other, other]) await post(one, 'heartbeat', host.key, FAILED)
    expect(await failures(host)).toHaveLength(2)
    for (let beat = 0; beat < 2; beat += 1) {
      await post(api, 'heartbeat', host.key, { ...FAILED, bootId: 'boot-2' })
    }
    expect(await failures(host)).toHaveLength(3)
  })

  test('is told once the host listens: not before it is ready, and when it is silent', async () => {
    const api = await stage()
    const host = await newHost()
    await tellAndSee(host, { phase: 'launching', attempt: 1 })
    expect((await post(api, 'heartbeat', host.key, FAILED)).status).toBe(200)
    expect(await host.received()).toEqual([])
    await tellAndSee(host, { phase: 'silent', attempt: 1 })
    expect((await post(api, 'heartbeat', host.key, FAILED)).status).toBe(200)
    expect(await names(host)).toEqual(['heard', 'workloadFailed'])
  })

  test('that Temporal did not take is 503, and told by the next beat', async () => {
    const { connection } = temporal.client
    let losses = 1
    const lossy = new Client({
      connection,
      interceptors: {
        workflow: [
          {
            signal: async (input, next) => {
              if (losses-- > 0) throw new Error('the connection was reset')
              await next(input)
            },
          },
        ],
      },
    })
    const api = await stage({ temporal: lossy })
    const host = await newHost()
    await watch(host)
    expect((await post(api, 'heartbeat', host.key, FAILED)).status).toBe(503)
    expect((await post(api, 'heartbeat', host.key, FAILED)).status).toBe(200)
    expect(await failures(host)).toHaveLength(1)
  })
})

describe('drained', () => {
  test('is passed on, and 410 once the host has ended', async () => {
    const api = await stage()
    const host = await newHost()
    expect((await post(api, 'drained', host.key, { bootId: 'boot-1' })).status).toBe(202)
    expect(await names(host)).toEqual(['drained'])
    await host.tell({ end: true })
    await host.handle.result()
    expect((await post(api, 'drained', host.key, { bootId: 'boot-1' })).status).toBe(410)
  })
})

describe('status of clients that know only their address', () => {
  const IP = '10.0.0.7'
  const send = (api: Stage, from = IP) =>
    api.ask('/v1/hosts/status', { body: { privateIp: IP, status: 2 }, from })
  const allowed = () => stage({ identity: { privateIp: 'allow' } })

  test('is a start without liveness for the attempt that holds the address', async () => {
    const api = await allowed()
    const host = await newHost()
    await recordHost(api.store, host.key)
    expect((await send(api)).status).toBe(202)
    const [signal] = await host.received()
    expect(signal).toMatchObject({
      name: 'started',
      payload: { attempt: 1, liveness: 'none', facts: { instanceId: 'i-0001', privateIp: IP } },
    })
  })

  test('is kept while nobody has the address, and passed on when it becomes known', async () => {
    const api = await allowed()
    const host = await newHost()
    expect((await send(api)).status).toBe(202)
    api.background.start()
    await recordHost(api.store, host.key)
    await eventually('the start', async () => (await names(host)).includes('started'))
    await eventually(
      'the claim is gone',
      async () => (await api.store.addresses.matchingClaims(Date.now())).length === 0,
    )
    await api.background.stop()
    expect(await names(host)).toEqual(['started'])
  })

  test('is kept while the address belongs to an instance that is being deleted, for the next to have it', async () => {
    const api = await allowed()
    const [host, next] = [await newHost(), await newHost()]
    await recordHost(api.store, host.key)
    await recordHost(api.store, { ...host.key, phase: 'deleting', seq: 2 })
    expect((await send(api)).status).toBe(202)
    api.background.start()
    await api.store.addresses.free(host.key)
    await recordHost(api.store, next.key)
    await eventually('the start', async () => (await names(next)).includes('started'))
    await api.background.stop()
    expect(await host.received()).toEqual([])
  })
})
