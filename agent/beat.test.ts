import { describe, expect, test } from 'vitest'
import type { HostFacts } from '../domain/wire.ts'
import { beatOnce, keepBeating } from './beat.ts'
import { endSession } from './session.ts'
import { until } from './testing/test-api.ts'
import type { Reply, Seen } from './testing/test-api.ts'
import { openTestSession } from './testing/test-session.ts'

const BEAT = '/v1/agent/heartbeat'
const DRAINED = '/v1/agent/drained'

const goneAfter = (beats: number, other: (seen: Seen) => Reply) => (seen: Seen) =>
  Number(seen.body['seq']) > beats ? { status: 410 } : other(seen)

describe('beats', () => {
  test('come in the rhythm that was asked for, at most a tenth earlier, numbered', async () => {
    const { server, session, runtime } = await openTestSession(
      goneAfter(3, () => ({ status: 200, body: { commands: [] } })),
    )
    expect(await keepBeating(session)).toBe('gone')
    expect(runtime.slept).toEqual([14_250, 14_250, 14_250, 14_250])
    expect(server.of(BEAT).map((one) => one.body['seq'])).toEqual([1, 2, 3, 4])
    const sent = server.of(BEAT).map((one) => Date.parse(String(one.body['sentAt'])))
    expect(sent.map((at, n) => at - (sent[n - 1] ?? at))).toEqual([0, 14_250, 14_250, 14_250])
  })

  test('that got no answer are taken anew, sooner than the rhythm', async () => {
    const down = (seen: Seen) => ({
      status: Number(seen.body['seq']) <= 2 ? 503 : 200,
      body: { commands: [] },
    })
    const { server, session, runtime } = await openTestSession(goneAfter(3, down))
    expect(await keepBeating(session)).toBe('gone')
    expect(runtime.slept).toEqual([14_250, 250, 500, 14_250])
    expect(new Set(server.of(BEAT).map((one) => one.headers['idempotency-key'])).size).toBe(4)
  })

  test.each([401, 403, 404, 409, 500])('go on after %i: only a proven 410 stops an agent', async (status) => {
    const { server, session } = await openTestSession(goneAfter(4, () => ({ status })))
    expect(await keepBeating(session)).toBe('gone')
    expect(server.of(BEAT)).toHaveLength(5)
  })

  test('carry the slow facts until one with them was accepted, then no more', async () => {
    const replies = [503, 200, 200]
    const { server, session } = await openTestSession(() => ({
      status: replies.shift() ?? 500,
      body: { commands: [] },
    }))
    session.facts = { instanceId: 'i-one' } as HostFacts
    for (let n = 0; n < 3; n += 1) await beatOnce(session)
    expect(server.of(BEAT).map((one) => 'facts' in one.body)).toEqual([true, true, false])
  })
})

describe('commands', () => {
  test('are acknowledged in the next beat, until that is accepted, and obeyed once', async () => {
    const command = { id: 'c1', kind: 'run' }
    const replies = [200, 503, 200, 200]
    const { server, session, runtime } = await openTestSession(() => ({
      status: replies.shift() ?? 500,
      body: { commands: server.of(BEAT).length <= 3 ? [command] : [] },
    }))
    for (let n = 0; n < 4; n += 1) await beatOnce(session)
    const ack = { id: 'c1', ok: false, error: expect.stringContaining('"run"') }
    expect(server.of(BEAT).map((one) => one.body['acks'])).toEqual([undefined, [ack], [ack], undefined])
    expect(runtime.lines.filter((line) => line.message === 'command')).toHaveLength(1)
  })

  test('of a kind that does not exist yet are refused and harm nothing', async () => {
    const { session } = await openTestSession(() => ({
      status: 200,
      body: { commands: [{ id: 'c9', kind: 'dance' }] },
    }))
    await beatOnce(session)
    expect(session.acks).toEqual([{ id: 'c9', ok: false, error: expect.stringContaining('"dance"') }])
  })

  test('in great number are acknowledged a hundred a beat, as many as the API takes', async () => {
    const { server, session } = await openTestSession(() => ({ status: 200, body: { commands: [] } }))
    session.acks = Array.from({ length: 150 }, (_, n) => ({ id: `c${n}`, ok: true }))
    for (let n = 0; n < 3; n += 1) await beatOnce(session)
    const acks = server.of(BEAT).map((one) => one.body['acks'] as unknown[] | undefined)
    expect(acks.map((list) => list?.length)).toEqual([100, 50, undefined])
  })

  test('drain: the API hears "drained", the drain is remembered, the beats go on', async () => {
    const { server, session } = await openTestSession(
      goneAfter(3, (seen) => ({
        status: 200,
        body: { commands: seen.body['seq'] === 1 ? [{ id: 'c1', kind: 'drain' }] : [] },
      })),
    )
    expect(await keepBeating(session)).toBe('gone')
    expect(server.of(DRAINED)).toHaveLength(1)
    expect(server.of(DRAINED)[0]?.body).toEqual({ bootId: 'boot' })
    expect(session.marker.isSet()).toBe(true)
    expect(server.of(BEAT)[1]?.body['acks']).toEqual([{ id: 'c1', ok: true }])
  })

  test('two drains are one', async () => {
    const two = [
      { id: 'c1', kind: 'drain' },
      { id: 'c2', kind: 'drain' },
    ]
    const { server, session } = await openTestSession(() => ({ status: 200, body: { commands: two } }))
    await beatOnce(session)
    await session.draining
    expect(server.of(DRAINED)).toHaveLength(1)
    expect(session.acks.map((ack) => ack.id)).toEqual(['c1', 'c2'])
  })

  test('stop: drained, then a last beat with the acknowledgement, then the end', async () => {
    const stop = [{ id: 'c1', kind: 'stop' }]
    const { server, session } = await openTestSession((seen) => ({
      status: 200,
      body: { commands: seen.body['seq'] === 1 ? stop : [] },
    }))
    expect(await keepBeating(session)).toBe('stopped')
    expect(server.of(DRAINED)).toHaveLength(1)
    expect(server.seen.at(-1)?.body['acks'] ?? server.seen.at(-2)?.body['acks']).toEqual([
      { id: 'c1', ok: true },
    ])
  })
})

test('a session that is told to end while a beat is under way sends another, which says how it stands', async () => {
  const { server, session } = await openTestSession((seen) => {
    if (seen.body['seq'] === 1) {
      session.workloadState = { state: 'stopped', restarts: 0 }
      endSession(session, 'stopped')
    }
    return { status: 200, body: { commands: [] } }
  })
  session.workloadState = { state: 'running', restarts: 0 }
  expect(await keepBeating(session)).toBe('stopped')
  const states = server.of(BEAT).map((one) => (one.body['workload'] as { state: string }).state)
  expect(states).toEqual(['running', 'stopped'])
})

test('a session that ends does not wait for the rhythm, and not for an API that is away', async () => {
  const { server, session } = await openTestSession(() => ({ status: 503 }))
  // A rhythm that never comes.
  session.runtime.sleep = () => new Promise(() => undefined)
  const ended = keepBeating(session)
  await until('the wait for the beat', () => session.wake !== undefined)
  endSession(session, 'stopped')
  expect(await ended).toBe('stopped')
  expect(server.of(BEAT)).toHaveLength(1)
})
