import { afterEach, describe, expect, test } from 'vitest'
import { announce } from './announce.ts'
import { createHttpClient } from './http.ts'
import { createApi } from './post.ts'
import { fakeRuntime } from './testing/fake-runtime.ts'
import { startTestServer } from './testing/test-api.ts'
import type { Reply } from './testing/test-api.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server that gives these replies in turn, the last one for ever. */
async function serve(...replies: Reply[]) {
  let next = 0
  const server = await startTestServer(() => replies[Math.min(next++, replies.length - 1)] ?? { status: 500 })
  const http = createHttpClient()
  closing.push(
    () => server.close(),
    () => http.close(),
  )
  const runtime = fakeRuntime(1)
  const api = createApi({ apiUrl: server.url, token: 'tok', http, runtime, runId: 'run' })
  return { server, runtime, api }
}

const error = (code: string) => ({ error: { code, message: `because ${code}` } })

describe('a post', () => {
  test('is repeated with the same idempotency key until it is answered', async () => {
    const { server, runtime, api } = await serve(
      { status: 503 },
      { status: 200, reset: true },
      { status: 500 },
      { status: 202, body: { fine: true } },
    )
    expect(await api.post('/p', { a: 1 })).toEqual({ kind: 'accepted', body: { fine: true } })
    expect(new Set(server.seen.map((one) => one.headers['idempotency-key'])).size).toBe(1)
    expect(server.seen.every((one) => one.headers.authorization === 'Bearer tok')).toBe(true)
    // The reset of a kept connection is no failed try: it was repeated at once.
    expect(runtime.slept).toEqual([500, 1_000])
  })

  test('never waits more than 30 s between tries', async () => {
    const replies: Reply[] = Array.from({ length: 12 }, () => ({ status: 500 }))
    const { runtime, api } = await serve(...replies, { status: 200 })
    await api.post('/p', {})
    expect(runtime.slept).toHaveLength(12)
    expect(Math.max(...runtime.slept)).toBe(30_000)
  })

  test.each([408, 429, 500, 502, 503, 504])('is repeated after %i', async (status) => {
    const { server, api } = await serve({ status }, { status: 200 })
    expect(await api.post('/p', {})).toMatchObject({ kind: 'accepted' })
    expect(server.seen).toHaveLength(2)
  })

  test.each([400, 401, 403, 404, 409, 410, 413, 422])('is over after %i', async (status) => {
    const { server, api } = await serve({ status, body: error('why') })
    const refused = { kind: 'refused', status, code: 'why', message: 'because why' }
    expect(await api.post('/p', {})).toEqual(refused)
    expect(server.seen).toHaveLength(1)
  })

  test('is over after a redirect: an address that moved is a mistake to show, not to follow with a token', async () => {
    const { api } = await serve({ status: 301, headers: { location: 'http://127.0.0.1:9' }, body: 'moved' })
    expect(await api.post('/p', {})).toMatchObject({ kind: 'refused', status: 301, code: 'http_301' })
  })

  test('follows Retry-After', async () => {
    const { runtime, api } = await serve({ status: 429, headers: { 'retry-after': '7' } }, { status: 200 })
    await api.post('/p', {})
    expect(runtime.slept).toEqual([7_500])
  })

  test('that was answered 200 by something that is not the API was not answered', async () => {
    const { server, api } = await serve({ status: 200, body: '<html>log in</html>' }, { status: 200 })
    expect(await api.post('/p', {})).toMatchObject({ kind: 'accepted' })
    expect(server.seen).toHaveLength(2)
  })

  test('is left after the time it was given', async () => {
    const { runtime, api } = await serve({ status: 503 })
    expect(await api.post('/p', {}, 10_000)).toMatchObject({ kind: 'unanswered', reason: 'answered 503' })
    expect(runtime.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000)
  })

  test('has another key than the next post', async () => {
    const { server, api } = await serve({ status: 200 })
    await api.post('/p', {})
    await api.post('/p', {})
    expect(server.seen.map((one) => one.headers['idempotency-key'])).toEqual(['run-1', 'run-2'])
  })
})

describe('"started"', () => {
  const facts = {
    instanceId: 'i-one',
    mac: '00:16:3e:00:00:01',
    privateIp: '127.0.0.5',
    cpu: { logical: 2, source: 'os' },
    memoryBytes: 1,
    os: { platform: 'linux', release: '6', arch: 'x64', hostname: 'h' },
    agentVersion: '1',
    programStartedAt: '2026-01-01T00:00:00Z',
  } as const
  const request = { bootId: 'boot', facts }
  const accepted = { heartbeatSeconds: 15, files: [] }

  test('gives the answer', async () => {
    const { api, runtime, server } = await serve({ status: 202, body: accepted })
    expect(await announce(api, request, runtime)).toEqual(accepted)
    expect(server.seen[0]).toMatchObject({ path: '/v1/agent/started', body: request })
  })

  test('ends with a proven 410', async () => {
    const { api, runtime } = await serve({ status: 410, body: error('gone') })
    expect(await announce(api, request, runtime)).toBe('gone')
  })

  test.each([401, 403, 409, 422])(
    'refused with %i is said again each minute, with a new key and a hint',
    async (status) => {
      const { api, runtime, server } = await serve(
        { status, body: error('no') },
        { status: 202, body: accepted },
      )
      expect(await announce(api, request, runtime)).toEqual(accepted)
      expect(runtime.slept).toEqual([54_000])
      expect(new Set(server.seen.map((one) => one.headers['idempotency-key'])).size).toBe(2)
      expect(runtime.lines).toContainEqual(
        expect.objectContaining({
          level: 'error',
          fields: expect.objectContaining({ status, hint: expect.any(String) }),
        }),
      )
    },
  )
})
