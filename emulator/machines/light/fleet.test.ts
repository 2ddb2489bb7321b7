import { afterEach, describe, expect, test } from 'vitest'
import { startTestServer, until } from '../../../agent/testing/test-api.ts'
import type { Reply, Seen, TestServer } from '../../../agent/testing/test-api.ts'
import { testSpec, testUserData } from '../testing.ts'
import { enrollmentOf } from './enrollment.ts'
import { createLightFleet } from './fleet.ts'
import type { LightFleet, LightFleetOptions } from './fleet.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const STARTED = '/v1/agent/started'
const BEAT = '/v1/agent/heartbeat'
const DRAINED = '/v1/agent/drained'

async function open(beat: (seen: Seen) => Reply, heartbeatSeconds = 0.05, options: LightFleetOptions = {}) {
  const api = await startTestServer((seen) => {
    if (seen.path === STARTED) return { status: 202, body: { heartbeatSeconds, files: [] } }
    return seen.path === BEAT ? beat(seen) : { status: 202 }
  })
  const lights = createLightFleet(options)
  closing.push(
    () => lights.close(),
    () => api.close(),
  )
  return { api, lights }
}

/** How many agents one process simulates here: all the thousands it is made for only where there is time. */
const MANY = process.env['MUSTER_DEEP'] ? 3_000 : 1_000
const MANY_MS = process.env['MUSTER_DEEP'] ? 300_000 : 18_000
const LAST_BEAT = 3

const addresses = (seen: readonly Seen[]): string[] => seen.map((one) => one.remoteAddress).toSorted()

const quiet = (): Reply => ({ status: 200, body: { commands: [] } })
const boot = (lights: LightFleet, api: TestServer) => {
  const spec = testSpec({ userData: testUserData(api.url), behaviour: { agent: 'light' } })
  return { spec, agent: lights.start(spec) }
}

describe('simulated agents', () => {
  test('say started and beat from their own address, on one kept connection', async () => {
    const { api, lights } = await open(quiet)
    const { spec } = boot(lights, api)
    await until('three beats', () => api.of(BEAT).length >= 3)
    expect(api.of(STARTED)[0]).toMatchObject({
      remoteAddress: spec.privateIp,
      headers: { authorization: 'Bearer tok' },
      body: {
        bootId: expect.any(String),
        facts: {
          instanceId: spec.instanceId,
          mac: spec.mac,
          cpu: { logical: 4, physical: 2 },
          memoryBytes: 8 * 1024 ** 3,
        },
      },
    })
    const [first, second] = api.of(BEAT)
    expect(first?.body).toMatchObject({ seq: 1, workload: { state: 'none', restarts: 0 }, load: 0 })
    expect(second?.body).toMatchObject({ seq: 2 })
    expect(new Set(api.seen.map((one) => one.remotePort)).size).toBe(1)
    const keys = api.seen.map((one) => one.headers['idempotency-key'])
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('beyond the kept connections open one for each post', async () => {
    const { api, lights } = await open(quiet, 0.05, { maxKeptConnections: 0 })
    boot(lights, api)
    await until('two beats', () => api.of(BEAT).length >= 2)
    expect(new Set(api.seen.map((one) => one.remotePort)).size).toBe(api.seen.length)
  })

  test('retry until answered and go on after a refused beat; 410 ends them', async () => {
    const replies = [503, 401, 200, 410]
    const { api, lights } = await open(() => ({ status: replies.shift() ?? 500, body: { commands: [] } }))
    boot(lights, api)
    await until('the end', () => lights.size === 0)
    expect(api.of(BEAT).map((one) => one.body['seq'])).toEqual([1, 2, 3, 4])
  })

  test('survive an API that is away, or something else that answers in its place', async () => {
    const replies: Reply[] = [
      { status: 200, reset: true },
      { status: 200, body: '<html>' },
    ]
    const { api, lights } = await open(() => replies.shift() ?? quiet())
    boot(lights, api)
    await until('beats after that', () => api.of(BEAT).length >= 4)
    expect(lights.size).toBe(1)
  })

  test('drain: drained is posted once, the acknowledgement follows, beats go on', async () => {
    let orders = 1
    const drain = { id: 'c1', kind: 'drain' }
    const { api, lights } = await open(() => ({
      status: 200,
      body: { commands: orders-- > 0 ? [drain] : [] },
    }))
    boot(lights, api)
    await until('beats after the drain', () => api.of(BEAT).length >= 4)
    expect(api.of(DRAINED)).toHaveLength(1)
    expect(api.of(BEAT)[1]?.body['acks']).toEqual([{ id: 'c1', ok: true }])
    expect(api.of(BEAT)[2]?.body['acks']).toBeUndefined()
  })

  test('stop: drained, a last beat with the acknowledgement, then nothing', async () => {
    const { api, lights } = await open(() => ({
      status: 200,
      body: { commands: [{ id: 'c1', kind: 'stop' }] },
    }))
    boot(lights, api)
    await until('the end', () => lights.size === 0)
    expect(api.seen.map((one) => one.path)).toEqual([STARTED, BEAT, DRAINED, BEAT])
    expect(api.of(BEAT)[1]?.body['acks']).toEqual([{ id: 'c1', ok: true }])
  })

  test('refuse other commands', async () => {
    let orders = 1
    const run = { id: 'c1', kind: 'run' }
    const { api, lights } = await open(() => ({ status: 200, body: { commands: orders-- > 0 ? [run] : [] } }))
    boot(lights, api)
    await until('the next beat', () => api.of(BEAT).length >= 2)
    expect(api.of(BEAT)[1]?.body['acks']).toEqual([
      { id: 'c1', ok: false, error: expect.stringContaining('run') },
    ])
  })

  test('are silent at once when they are powered off', async () => {
    const { api, lights } = await open(quiet, 0.02)
    const { agent } = boot(lights, api)
    await until('a beat', () => api.of(BEAT).length > 0)
    if (agent === undefined) throw new Error('no agent')
    lights.stop(agent)
    lights.stop(agent)
    expect(lights.size).toBe(0)
    const other = boot(lights, api)
    const before = api.seen.length
    await until(
      'the other beats often',
      () => api.seen.slice(before).filter((one) => one.path === BEAT).length >= 5,
    )
    const after = api.seen.slice(before + 1)
    expect(after.every((one) => one.remoteAddress === other.spec.privateIp)).toBe(true)
  })

  test(`${MANY} start, beat and end together, each from its own address`, async () => {
    const { api, lights } = await open(
      (seen) => (Number(seen.body['seq']) >= LAST_BEAT ? { status: 410 } : quiet()),
      0.3,
      { maxPosts: 64, maxKeptConnections: 200 },
    )
    const specs = Array.from({ length: MANY }, () => boot(lights, api).spec)
    expect(lights.size).toBe(MANY)
    await until('all of them end', () => lights.size === 0, MANY_MS)
    const own = specs.map(({ privateIp }) => privateIp).toSorted()
    expect(new Set(own).size).toBe(MANY)
    expect(addresses(api.of(STARTED))).toEqual(own)
    for (let seq = 1; seq <= LAST_BEAT; seq += 1) {
      expect(addresses(api.of(BEAT).filter(({ body }) => body['seq'] === seq))).toEqual(own)
    }
  })
})

describe('the enrollment of a simulated agent', () => {
  test('is read from user data of both systems', () => {
    const linux = testUserData('http://127.0.0.1:1/')
    expect(enrollmentOf(linux)).toEqual({ apiUrl: 'http://127.0.0.1:1', token: 'tok' })
    const windows = Buffer.from(
      linux.toString().replace('#!/bin/sh\n', '[powershell]\r\n').replaceAll(/\n$/g, '\r\n'),
    )
    expect(enrollmentOf(windows)).toEqual({ apiUrl: 'http://127.0.0.1:1', token: 'tok' })
  })

  test.each([
    undefined,
    Buffer.from(''),
    Buffer.from('#!/bin/sh\nexit 0\n'),
    Buffer.from('# muster-enrollment: %%%'),
  ])('is undefined where there is none', (userData) => {
    expect(enrollmentOf(userData)).toBeUndefined()
  })
})
