import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { BEAT, bearer, FACTS, KEY, KEY_SECRET, recordHost, stageApi, STARTED, tokenFor } from '../testing.ts'
import type { AskInit, Stage } from '../testing.ts'
import { startedRequest } from './schemas.ts'

const PATHS = ['started', 'heartbeat', 'drained'] as const
const BODIES = { started: STARTED, heartbeat: BEAT, drained: { bootId: 'boot-1' } }

const post = (api: Stage, path: keyof typeof BODIES, init: AskInit = {}): Promise<Response> =>
  api.ask(`/v1/agent/${path}`, {
    body: BODIES[path],
    ...init,
    headers: { ...bearer(tokenFor(KEY)), ...init.headers },
  })

async function errorOf(response: Response): Promise<{ code: string; message: string; requestId: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; requestId: string } }
  return error
}

describe('the enrollment token', () => {
  const refused: [string, Record<string, string>][] = [
    ['is missing', { authorization: '' }],
    ['is of another scheme', { authorization: 'Basic abc' }],
    ['is no token', bearer('nonsense')],
    ['is forged', bearer(tokenFor(KEY, { secret: 'another secret' }))],
    ['has a changed payload', bearer(tokenFor(KEY).replace(/\.[^.]+\.([^.]+)$/, `.${btoa('{}')}.$1`))],
    ['is of an unknown key', bearer(tokenFor(KEY, { keyId: 'k9' }))],
    ['names a key that objects inherit', bearer(tokenFor(KEY, { keyId: 'constructor' }))],
    ['is of another installation', bearer(tokenFor(KEY, { controller: 'another' }))],
  ]
  test.each(refused)('is refused when it %s', async (_what, headers) => {
    const api = await stageApi()
    for (const path of PATHS) {
      const response = await post(api, path, { headers })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('Bearer')
      expect(await errorOf(response)).toMatchObject({ code: 'unauthorized' })
    }
  })

  test('is refused before anything is said about the body', async () => {
    const api = await stageApi()
    const response = await post(api, 'started', { headers: bearer('x'), body: 'no json' })
    expect(response.status).toBe(401)
  })

  test('works with either of two keys', async () => {
    const api = await stageApi({ enrollmentKeys: { k1: KEY_SECRET, k2: 'the next one' } })
    for (const token of [tokenFor(KEY), tokenFor(KEY, { keyId: 'k2', secret: 'the next one' })]) {
      // Temporal is not there: 503 is what comes after the token was accepted.
      expect((await post(api, 'drained', { headers: bearer(token) })).status).toBe(503)
    }
  })

  test('that has expired before its first started is refused, but not for beats', async () => {
    const api = await stageApi()
    await recordHost(api.store)
    const headers = bearer(tokenFor(KEY, { expiresAt: Date.now() - 1 }))
    const response = await post(api, 'started', { headers })
    expect(response.status).toBe(401)
    expect((await errorOf(response)).message).toContain('expired')
    expect((await post(api, 'heartbeat', { headers })).status).toBe(503)
  })
})

describe('a body', () => {
  test('without length is 411', async () => {
    const api = await stageApi()
    for (const path of PATHS) {
      const response = await post(api, path, { headers: { 'content-length': '' } })
      expect(response.status).toBe(411)
      expect(await errorOf(response)).toMatchObject({ code: 'length_required' })
    }
  })

  test('above 64 KiB is 413 by its header alone', async () => {
    const api = await stageApi()
    const response = await post(api, 'started', { headers: { 'content-length': '65537' } })
    expect(response.status).toBe(413)
    expect(await errorOf(response)).toMatchObject({ code: 'too_large' })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'of type "%s" is 415',
    async (type) => {
      const api = await stageApi()
      expect((await post(api, 'started', { headers: { 'content-type': type } })).status).toBe(415)
    },
  )

  test.each(['', '{', 'null', '[]', '"text"', '17'])('that is %s is 400', async (body) => {
    const api = await stageApi()
    const response = await post(api, 'started', { body })
    expect(response.status).toBe(400)
    expect(await errorOf(response)).toMatchObject({ code: 'bad_request' })
  })

  const wrong: [string, object, string][] = [
    ['an unknown field', { ...STARTED, secret: 1 }, 'unknown field "secret"'],
    ['an unknown field inside', { ...STARTED, facts: { ...FACTS, gpu: 1 } }, 'unknown field "facts.gpu"'],
    ['a wrong type', { ...STARTED, bootId: 7 }, 'bootId: expected string, received number'],
    ['a missing field', { facts: FACTS }, 'bootId: expected string, received undefined'],
    ['an odd MAC', { ...STARTED, facts: { ...FACTS, mac: '00-16' } }, 'facts.mac: expected lower-case hex'],
    [
      'no CPUs',
      { ...STARTED, facts: { ...FACTS, cpu: { logical: 0, source: 'os' } } },
      'facts.cpu.logical: ',
    ],
    [
      'an address that is none',
      { ...STARTED, facts: { ...FACTS, privateIp: '10.0.0' } },
      'facts.privateIp: ',
    ],
    [
      'a time that is none',
      { ...STARTED, facts: { ...FACTS, programStartedAt: 'now' } },
      'facts.programStartedAt: ',
    ],
    ['an id that is none', { ...STARTED, facts: { ...FACTS, instanceId: 'i-1](x' } }, 'facts.instanceId: '],
    ['a long boot id', { ...STARTED, bootId: 'x'.repeat(129) }, 'bootId: '],
  ]
  test.each(wrong)('with %s names it', async (_what, body, text) => {
    const api = await stageApi()
    const response = await post(api, 'started', { body })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).message).toContain(text)
  })

  const beat = JSON.stringify(BEAT)
  test.each([
    ['a prototype', beat.replace('{', '{"__proto__":{"seq":5},'), 'unknown field "__proto__"'],
    ['a constructor', beat.replace('{', '{"constructor":{"prototype":{}},'), 'unknown field "constructor"'],
    [
      'sixty thousand brackets',
      `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
      'expected object, received array',
    ],
    ['thousands of names', `{${Array.from({ length: 6_000 }, (_, n) => `"k${n}":1`).join()}}`, ' more'],
    ['a number beyond all', beat.replace(/"load":[^,}]*/, '"load":1e400'), 'load: expected number'],
  ])('with %s is 400 and says why', async (_what, body, text) => {
    const api = await stageApi()
    const response = await post(api, 'heartbeat', { body })
    expect(response.status).toBe(400)
    expect((await errorOf(response)).message).toContain(text)
  })

  test('keeps no control characters and turns no line round: terminals that show it obey them', () => {
    const os = { ...FACTS.os, hostname: 'a\u001b[2Jb\u009bc\nd\u202ee' }
    expect(startedRequest.parse({ ...STARTED, facts: { ...FACTS, os } }).facts.os.hostname).toBe(
      'a [2Jb c d e',
    )
  })

  test('of a beat is held to its fields', async () => {
    const api = await stageApi()
    const bad = {
      ...BEAT,
      seq: 0,
      workload: { state: 'flying', restarts: -1 },
      acks: [{ id: 'x' }],
      extra: 1,
    }
    const { message } = await errorOf(await post(api, 'heartbeat', { body: bad }))
    for (const field of ['seq', 'workload.state', 'workload.restarts', 'acks.0.ok', '"extra"']) {
      expect(message).toContain(field)
    }
  })

  test('with every optional field is understood', async () => {
    const api = await stageApi()
    const facts = { ...FACTS, cpu: { logical: 4, physical: 2, source: 'systeminformation' } }
    const beat = {
      ...BEAT,
      workload: { state: 'failed', pid: 1, restarts: 3, exitCode: -1 },
      facts,
      acks: [{ id: 'c1', ok: false, error: 'no' }],
    }
    expect((await post(api, 'heartbeat', { body: beat })).status).toBe(503)
    expect((await post(api, 'started', { body: { ...STARTED, facts, identity: 'MIIC' } })).status).toBe(503)
  })
})

describe('without Temporal', () => {
  test.each(PATHS)('%s is 503 with a time to come again, never 410', async (path) => {
    const api = await stageApi()
    await recordHost(api.store)
    const response = await post(api, path)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await errorOf(response)).toMatchObject({ code: 'unavailable' })
  })

  test('a row that only looks as if the attempt were over is no proof', async () => {
    const api = await stageApi()
    for (const change of [
      { phase: 'deleting' },
      { phase: 'retired' },
      { generation: '0000000000' },
    ] as const) {
      await recordHost(api.store, { ...change, seq: 5 })
      expect((await post(api, 'started')).status).toBe(503)
    }
  })
})

describe('the rate of one attempt', () => {
  test('is limited, and others are not', async () => {
    const api = await stageApi({ agentRate: { perSecond: 1, burst: 2 }, clock: () => 1_000 })
    const ask = (key = KEY) => post(api, 'started', { headers: bearer(tokenFor(key)), body: {} })
    expect((await ask()).status).toBe(400)
    expect((await ask()).status).toBe(400)
    const response = await ask()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('1')
    expect((await ask({ ...KEY, host: 'render/00008' })).status).toBe(400)
  })
})

describe('posts that stay in a history', () => {
  test('are taken a few times a minute, while beats go on', async () => {
    const api = await stageApi({ clock: () => 1_000 })
    const first: number[] = []
    for (let n = 0; n < 20; n += 1) first.push((await post(api, 'started', { body: {} })).status)
    expect(new Set(first)).toEqual(new Set([400]))
    for (const path of ['started', 'drained'] as const) expect((await post(api, path)).status).toBe(429)
    expect((await post(api, 'heartbeat', { body: {} })).status).toBe(400)
  })

  test('are notices of beats, too', async () => {
    const api = await stageApi({ clock: () => 1_000 })
    const notice = { ...BEAT, reclaimAt: '2026-01-01T00:00:00Z' }
    const answers: number[] = []
    for (let n = 0; n < 21; n += 1) {
      answers.push((await post(api, 'heartbeat', { body: notice })).status)
    }
    expect(answers.indexOf(429)).toBe(20)
    expect((await post(api, 'heartbeat', { body: BEAT })).status).not.toBe(429)
  })

  test('are limited by address where there is no token', async () => {
    const api = await stageApi({ identity: { privateIp: 'allow' }, agentRate: { perSecond: 1, burst: 1 } })
    const ask = (last: number) =>
      api.ask('/v1/hosts/status', {
        body: { privateIp: `10.0.0.${last}`, status: 2 },
        from: `10.0.0.${last}`,
      })
    expect((await ask(7)).status).toBe(202)
    expect((await ask(7)).status).toBe(429)
    expect((await ask(8)).status).toBe(202)
  })
})

describe('status of clients that know only their address', () => {
  const body = { privateIp: '10.0.0.7', status: 2 }
  const allow = { identity: { privateIp: 'allow' } } as const

  test('is 404 unless allowed', async () => {
    const api = await stageApi()
    expect((await api.ask('/v1/hosts/status', { body, from: '10.0.0.7' })).status).toBe(404)
  })

  test('is 403 for an address that is not the sender’s', async () => {
    const api = await stageApi(allow)
    expect((await api.ask('/v1/hosts/status', { body, from: '10.0.0.8' })).status).toBe(403)
  })

  test('does not believe a forwarded address of an unknown proxy', async () => {
    const api = await stageApi(allow)
    const headers = { 'x-forwarded-for': '10.0.0.7' }
    expect((await api.ask('/v1/hosts/status', { body, headers, from: '10.0.0.8' })).status).toBe(403)
  })

  test('believes the hop that a trusted proxy names, not what came before it', async () => {
    const api = await stageApi({ ...allow, trustedProxies: ['192.168.0.0/24'] })
    const ask = (forwarded: string) =>
      api.ask('/v1/hosts/status', { body, headers: { 'x-forwarded-for': forwarded }, from: '192.168.0.1' })
    expect((await ask('10.0.0.7')).status).toBe(202)
    expect((await ask('1.2.3.4, 10.0.0.7, 192.168.0.9')).status).toBe(202)
    expect((await ask('10.0.0.7, 1.2.3.4')).status).toBe(403)
    expect((await ask('10.0.0.7, nonsense')).status).toBe(403)
  })

  test('of 0 changes nothing, of others is explained', async () => {
    const api = await stageApi(allow)
    const ask = (status: number) =>
      api.ask('/v1/hosts/status', { body: { ...body, status }, from: '::ffff:10.0.0.7' })
    expect((await ask(0)).status).toBe(202)
    expect(await api.store.addresses.takeClaim('10.0.0.7', Date.now())).toBe(false)
    const response = await ask(3)
    expect(response.status).toBe(400)
    expect((await errorOf(response)).message).toContain('status: expected 2, which means started')
  })

  test('before anybody has the address is kept', async () => {
    const api = await stageApi(allow)
    expect((await api.ask('/v1/hosts/status', { body, from: '10.0.0.7' })).status).toBe(202)
    expect(await api.store.addresses.takeClaim('10.0.0.7', Date.now())).toBe(true)
  })
})

test('no error and no log line holds a token or its secret', async () => {
  const api = await stageApi()
  await recordHost(api.store)
  const token = tokenFor(KEY)
  const texts: string[] = []
  for (const headers of [bearer(token), bearer(`${token}x`), bearer(tokenFor(KEY, { secret: 'x' }))]) {
    for (const path of PATHS) {
      texts.push(await (await post(api, path, { headers })).text())
      texts.push(await (await post(api, path, { headers, body: { token } })).text())
    }
  }
  const inspected = api.lines.map(({ fields, text }) => `${inspect(fields, { depth: 10 })} ${text}`)
  for (const text of [...texts, ...inspected]) {
    expect(text).not.toContain(KEY_SECRET)
    expect(text).not.toContain(token.slice(-20))
  }
})
