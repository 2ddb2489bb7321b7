import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import { bearer, DEV_TOKEN, FACTS, KEY, recordHost, SPEC, sessionCookie, stageApi } from '../testing.ts'
import type { AskInit, Stage } from '../testing.ts'
import { sha256Hex } from '../../store/token-crypto.ts'

const VIEWER = 'viewer-token'
const OPERATOR = 'operator-token'

async function stage(overrides: Parameters<typeof stageApi>[0] = {}): Promise<Stage> {
  const api = await stageApi(overrides)
  for (const [token, role] of [
    [VIEWER, 'viewer'],
    [OPERATOR, 'operator'],
  ] as const) {
    await api.store.tokens.add({ hash: sha256Hex(token), name: role, role, createdAt: 1 })
  }
  return api
}

async function stageFleet(hosts: number): Promise<Stage> {
  const api = await stage({ temporalUiUrl: 'http://127.0.0.1:8233/' })
  for (let slot = 1; slot <= hosts; slot += 1) {
    const phase = slot % 2 === 0 ? 'ready' : 'booting'
    await recordHost(api.store, { host: `render/${String(slot).padStart(5, '0')}`, phase })
  }
  const specHash = (await api.store.hosts.get('render/00001'))?.specHash ?? ''
  await api.store.fleets.record({
    name: 'render',
    desired: hosts,
    paused: false,
    specHash,
    slots: [[1, hosts]],
    seq: 1,
    note: '',
    updatedAt: 1_000,
  })
  return api
}

const get = async (api: Stage, path: string, token = VIEWER): Promise<Record<string, unknown>> =>
  (await (await api.ask(path, { headers: bearer(token) })).json()) as Record<string, unknown>

const status = async (api: Stage, path: string, init: AskInit = {}): Promise<number> =>
  (await api.ask(path, init)).status

describe('who may', () => {
  test('nobody reads without a token, anybody with one does', async () => {
    const api = await stageFleet(1)
    for (const path of ['/v1/fleets', '/v1/fleets/render', '/v1/hosts', '/v1/hosts/render/1']) {
      expect(await status(api, path)).toBe(401)
      expect(await status(api, path, { headers: bearer('guess') })).toBe(401)
      expect(await status(api, path, { headers: bearer(VIEWER) })).toBe(200)
      expect(await status(api, path, { headers: bearer(DEV_TOKEN) })).toBe(200)
    }
  })

  test('a viewer sees which variables a workload has, an operator their values', async () => {
    const api = await stageFleet(1)
    const workload = { ...SPEC.workload!, env: { LICENSE_KEY: 'hunter2' } }
    const specHash = await api.store.specs.put({ ...SPEC, workload }, 1)
    const fleet = (await api.store.fleets.get('render'))!
    await api.store.fleets.record({ ...fleet, specHash, seq: 2 })
    const read = async (token: string) => JSON.stringify(await get(api, '/v1/fleets/render', token))
    expect(await read(VIEWER)).toContain('LICENSE_KEY')
    expect(await read(VIEWER)).not.toContain('hunter2')
    expect(await read(OPERATOR)).toContain('"LICENSE_KEY":"hunter2"')
  })

  test('a viewer changes nothing', async () => {
    const api = await stageFleet(1)
    const body = { size: 5, why: 'test' }
    expect(await status(api, '/v1/fleets/render/resize', { headers: bearer(VIEWER), body })).toBe(403)
    expect(
      await status(api, '/v1/hosts/render/1/drain', { headers: bearer(VIEWER), body: { why: 'x' } }),
    ).toBe(403)
    expect(await api.store.audit.list({})).toEqual([])
  })

  test('an enrollment token is no token of an operator', async () => {
    const api = await stage({ operatorAuth: {} })
    expect(await status(api, '/v1/fleets', { headers: bearer(DEV_TOKEN) })).toBe(401)
  })

  test('a removed token ends within seconds', async () => {
    const clock = { now: 1_000 }
    const api = await stage({ clock: () => clock.now })
    expect(await status(api, '/v1/fleets', { headers: bearer(VIEWER) })).toBe(200)
    await api.store.tokens.remove('viewer')
    clock.now += 5_001
    expect(await status(api, '/v1/fleets', { headers: bearer(VIEWER) })).toBe(401)
  })

  test('many wrong tokens from one address are slowed down, another address is not', async () => {
    const api = await stage({ clock: () => 1_000 })
    expect(await status(api, '/v1/fleets', { headers: bearer(VIEWER), from: '10.0.0.1' })).toBe(200)
    const answers = new Set<number>()
    for (let i = 0; i < 25; i += 1) {
      answers.add(await status(api, '/v1/fleets', { headers: bearer(`guess-${i}`), from: '10.0.0.1' }))
    }
    expect([...answers]).toEqual([401, 429])
    expect(await status(api, '/v1/fleets', { headers: bearer('guess'), from: '10.0.0.2' })).toBe(401)
    expect(await status(api, '/v1/fleets', { headers: bearer(VIEWER), from: '10.0.0.1' })).toBe(200)
  })

  test('a flood of wrong tokens from one address is refused before the store is asked', async () => {
    const asked: string[] = []
    const api = await stage({ clock: () => 1_000 })
    const find = api.store.tokens.find.bind(api.store.tokens)
    api.store.tokens.find = (hash) => {
      asked.push(hash)
      return find(hash)
    }
    expect(await status(api, '/v1/fleets', { headers: bearer(VIEWER), from: '10.0.0.1' })).toBe(200)
    const guesses = Array.from({ length: 100 }, (_, n) => ({
      headers: bearer(`guess-${n}`),
      from: '10.0.0.1',
    }))
    await Promise.all(guesses.map((init) => status(api, '/v1/fleets', init)))
    // Of twenty looks the first one was for the viewer.
    expect(asked).toHaveLength(20)
  })

  test('many requests at once with a right token are one look-up, and no wrong token', async () => {
    const api = await stage({ clock: () => 1_000 })
    const ask = () => status(api, '/v1/fleets', { headers: bearer(VIEWER), from: '10.0.0.1' })
    expect(new Set(await Promise.all(Array.from({ length: 50 }, ask)))).toEqual(new Set([200]))
    expect(await status(api, '/v1/fleets', { headers: bearer('guess'), from: '10.0.0.1' })).toBe(401)
  })

  test('who was known keeps getting in, whatever comes from the same address', async () => {
    const clock = { now: 1_000 }
    const api = await stage({ clock: () => clock.now })
    const ask = (token: string) => status(api, '/v1/fleets', { headers: bearer(token), from: '10.0.0.1' })
    expect(await ask(VIEWER)).toBe(200)
    clock.now += 5_001
    for (let n = 0; n < 25; n += 1) await ask(`guess-${n}`)
    expect(await ask(VIEWER)).toBe(200)
    expect(await ask('guess')).toBe(429)
  })

  test('a session cookie changes things from a page of ours only', async () => {
    const api = await stageFleet(1)
    const { cookie } = sessionCookie(api, OPERATOR)
    const send = (headers: Record<string, string>) =>
      status(api, '/v1/fleets/render/pause', {
        headers: { cookie, host: 'muster.local', ...headers },
        body: { why: 'x' },
      })
    expect(await send({})).toBe(403)
    expect(await send({ origin: 'http://evil.example' })).toBe(403)
    expect(await send({ origin: 'null' })).toBe(403)
    // Temporal is not there: what comes after all checks.
    expect(await send({ origin: 'http://muster.local' })).toBe(503)
  })
})

describe('reading', () => {
  test('fleets come with their hosts by phase', async () => {
    const api = await stageFleet(3)
    expect(await get(api, '/v1/fleets')).toMatchObject({
      fleets: [{ name: 'render', desired: 3, actual: 3, phases: { ready: 1, booting: 2 } }],
    })
    expect(await get(api, '/v1/fleets/render')).toMatchObject({
      spec: { imageId: 'm-1' },
      links: { temporal: 'http://127.0.0.1:8233/namespaces/default/workflows/fleet%2Frender' },
    })
  })

  test('a fleet is explained: what is missing, and why', async () => {
    const api = await stageFleet(3)
    const told = await get(api, '/v1/fleets/render/explain')
    expect(told).toMatchObject({
      headline: 'render has 1 of 3 wanted hosts ready: 2 missing',
      missing: [
        { host: 'render/00001', phase: 'booting' },
        { host: 'render/00003', phase: 'booting' },
      ],
    })
  })

  test('what a fleet says of its rollout and freeze comes with it', async () => {
    const api = await stageFleet(1)
    const row = await api.store.fleets.get('render')
    const rollout = {
      state: 'stopped' as const,
      specHash: 'b',
      by: 'kim',
      why: 'image',
      startedAt: 1_000,
      left: 2,
    }
    const status = {
      rollout: { ...rollout, succeeded: 0, failed: 3, reason: 'boots fail' },
      frozen: { since: 2_000, silent: 4, of: 5 },
      surge: 0,
      replacing: 0,
      extra: 0,
      marks: [],
      policy: DEFAULT_POLICY,
    }
    if (row) await api.store.fleets.record({ ...row, status })
    expect(await get(api, '/v1/fleets/render')).toMatchObject({
      rollout: { ...rollout, startedAt: '1970-01-01T00:00:01.000Z', reason: 'boots fail' },
      frozen: { since: '1970-01-01T00:00:02.000Z', silent: 4, of: 5 },
    })
  })

  test('hosts come a page at a time, filtered', async () => {
    const api = await stageFleet(5)
    const ids = (page: Record<string, unknown>) =>
      (page['hosts'] as { host: string }[]).map(({ host }) => host)
    const first = await get(api, '/v1/hosts?limit=2')
    expect(ids(first)).toEqual(['render/00001', 'render/00002'])
    expect(first['next']).toBe('render/00002')
    const last = await get(api, '/v1/hosts?limit=3&after=render/00002')
    expect(ids(last)).toEqual(['render/00003', 'render/00004', 'render/00005'])
    expect(last['next']).toBeUndefined()
    expect(ids(await get(api, '/v1/hosts?phase=ready'))).toEqual(['render/00002', 'render/00004'])
    expect(ids(await get(api, '/v1/hosts?fleet=other'))).toEqual([])
  })

  test('a host comes with what its agent told, instants as ISO-8601, and nothing of the inside', async () => {
    const api = await stageFleet(1)
    await api.store.hosts.setFacts([{ key: { ...KEY, host: 'render/00001' }, facts: FACTS }], 1_000)
    const key = { ...KEY, host: 'render/00001' }
    await api.store.hosts.setBeats([{ key, at: 1_000, workload: 'running', load: 0, clockSkewMs: 7_000 }])
    const host = await get(api, '/v1/hosts/render/1')
    expect(host).toMatchObject({ host: 'render/00001', attempt: 1, phase: 'booting', facts: FACTS })
    expect(host).toMatchObject({ clockSkewMs: 7_000 })
    expect(host['phaseSince']).toMatch(/^\d{4}-.*Z$/)
    expect(host).not.toHaveProperty('seq')
  })

  test('the journal comes newest first, page by page', async () => {
    const api = await stage()
    const events = [1, 2, 3].map((seq) => ({
      seq,
      at: seq,
      kind: 'born' as const,
      attempt: 1,
      text: `event ${seq}`,
    }))
    await recordHost(api.store, { seq: 3, events })
    const page = (await get(api, '/v1/hosts/render/7/journal?limit=2')) as {
      events: { text: string }[]
      next: number
    }
    expect(page.events.map(({ text }) => text)).toEqual(['event 3', 'event 2'])
    const rest = (await get(api, `/v1/hosts/render/7/journal?before=${page.next}`)) as typeof page
    expect(rest.events.map(({ text }) => text)).toEqual(['event 1'])
    expect(rest.next).toBeUndefined()
  })

  test('evidence comes as it was taken, and can run nothing', async () => {
    const api = await stage()
    await recordHost(api.store)
    const put = (kind: 'console' | 'screenshot', contentType: string, content: string) =>
      api.store.evidence.put({ ...KEY, kind, contentType, content: Buffer.from(content), takenAt: 1_000 })
    await put('console', 'text/plain', '<script>alert(1)</script>')
    await put('screenshot', 'text/html', '<script>alert(1)</script>')
    const { evidence } = (await get(api, '/v1/hosts/render/7/evidence')) as {
      evidence: { href: string; kind: string }[]
    }
    expect(evidence.map(({ kind }) => kind).toSorted()).toEqual(['console', 'screenshot'])
    const base = `/v1/hosts/render/7/evidence/${KEY.generation}/1`
    const text = await api.ask(`${base}/console`, { headers: bearer(VIEWER) })
    expect(await text.text()).toBe('<script>alert(1)</script>')
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(text.headers.get('x-content-type-options')).toBe('nosniff')
    const odd = await api.ask(`${base}/screenshot`, { headers: bearer(VIEWER) })
    expect(odd.headers.get('content-type')).toBe('application/octet-stream')
    expect(odd.headers.get('content-disposition')).toContain('attachment')
    expect(odd.headers.get('content-security-policy')).toContain('sandbox')
    expect(await status(api, `${base}/events`, { headers: bearer(VIEWER) })).toBe(404)
  })

  test.each([
    ['/v1/fleets/absent', 404],
    ['/v1/fleets/NoSuchName', 400],
    ['/v1/fleets/absent/explain', 404],
    ['/v1/hosts/render/00099', 404],
    ['/v1/hosts/render/0', 400],
    ['/v1/hosts/render/seven', 400],
    ['/v1/hosts?phase=flying', 400],
    ['/v1/hosts?limit=0', 400],
    ['/v1/hosts?limit=1001', 400],
    ['/v1/hosts?page=2', 400],
    ['/v1/hosts/render/00099/journal', 404],
    ['/v1/nothing', 404],
  ])('%s is %i with a JSON error', async (path, expected) => {
    const api = await stageFleet(1)
    const response = await api.ask(path, { headers: bearer(VIEWER) })
    expect(response.status).toBe(expected)
    expect(await response.json()).toMatchObject({
      error: { message: expect.any(String), requestId: expect.any(String) },
    })
  })
})

describe('changing', () => {
  test.each([
    ['/v1/fleets/render/resize', { size: -1, why: 'x' }],
    ['/v1/fleets/render/resize', { size: 5001, why: 'x' }],
    ['/v1/fleets/render/resize', { size: 2.5, why: 'x' }],
    ['/v1/fleets/render/resize', { size: 2 }],
    ['/v1/fleets/render/resize', { size: 2, why: '  ' }],
    ['/v1/fleets/render/resize', { size: 2, why: 'x', by: 'somebody else' }],
    ['/v1/fleets/render/roll', { why: 'x', force: 'yes' }],
    ['/v1/fleets/render/override-freeze', { why: 'x', forMs: 1_000 }],
    ['/v1/fleets/render/override-freeze', { why: 'x', forMs: 86_400_001 }],
    ['/v1/fleets/render/mark', { why: 'x', slots: [] }],
    ['/v1/fleets/render/mark', { why: 'x', slots: [0] }],
    ['/v1/hosts/render/1/preserve', { why: 'x', forMs: 60_000 }],
    ['/v1/hosts/render/1/replace', { why: 'x', drain: 'yes' }],
  ])('%s refuses %j', async (path, body) => {
    const api = await stage()
    expect(await status(api, path, { headers: bearer(OPERATOR), body })).toBe(400)
    expect(await api.store.audit.list({})).toEqual([])
  })

  test('without Temporal is 503, and the wish stands in the audit with what became of it', async () => {
    const api = await stage()
    const body = { size: 5, why: 'evening' }
    expect(await status(api, '/v1/fleets/render/resize', { headers: bearer(OPERATOR), body })).toBe(503)
    const rows = await api.store.audit.list({ target: 'fleet render' })
    expect(rows.map(({ who, what, why }) => `${who} ${what} ${why}`).toSorted()).toEqual([
      'operator resize not done: unavailable evening',
      'operator resize size=5 evening',
    ])
  })

  test('without the store nothing is sent: there would be no audit of it', async () => {
    const api = await stage()
    await status(api, '/v1/fleets', { headers: bearer(OPERATOR) })
    await api.store.close()
    const response = await api.ask('/v1/fleets/render/pause', {
      headers: bearer(OPERATOR),
      body: { why: 'x' },
    })
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('audit')
  })
})

describe('the frame', () => {
  test('a path answers other methods with 405 and those it knows', async () => {
    const api = await stage()
    const response = await api.ask('/v1/agent/started', { method: 'GET' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
    expect(await status(api, '/v1/fleets', { method: 'DELETE' })).toBe(405)
  })

  test('a request keeps a sane id and gets one for any other', async () => {
    const api = await stage()
    const given = await api.ask('/healthz', { headers: { 'x-request-id': 'abc-1' } })
    expect(given.headers.get('x-request-id')).toBe('abc-1')
    const odd = await api.ask('/healthz', { headers: { 'x-request-id': 'a b<c>' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('an unexpected error says nothing of itself and is in the log', async () => {
    const api = await stage()
    api.app.get('/boom', () => {
      throw new Error('password=hunter2')
    })
    const response = await api.ask('/boom')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('hunter2')
    expect(api.lines.find(({ level }) => level === 'error')?.fields).toMatchObject({
      code: 'internal',
      path: '/boom',
    })
  })

  test('the process is healthy without Temporal, but not ready', async () => {
    const api = await stage()
    expect(await status(api, '/healthz')).toBe(200)
    const response = await api.ask('/readyz')
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('no answer from Temporal')
  })

  test('metrics are for loopback or a token, and count by route pattern', async () => {
    const api = await stageFleet(1)
    await api.ask('/v1/hosts/render/1', { headers: bearer(VIEWER) })
    await api.ask('/v1/whatever')
    expect(await status(api, '/metrics', { from: '10.0.0.1' })).toBe(401)
    expect(await status(api, '/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } })).toBe(401)
    for (const name of ['forwarded', 'via', 'x-real-ip']) {
      expect(await status(api, '/metrics', { headers: { [name]: '127.0.0.1' } })).toBe(401)
    }
    expect(await status(api, '/metrics', { from: '10.0.0.1', headers: bearer(VIEWER) })).toBe(200)
    // A page whose name was made to lead to this machine.
    expect(await status(api, 'http://evil.example/metrics')).toBe(401)
    expect(await status(api, 'http://127.0.0.1.evil.example/metrics')).toBe(401)
    for (const host of ['127.0.0.1:8100', 'localhost', '[::1]:8100']) {
      expect(await status(api, `http://${host}/metrics`)).toBe(200)
    }
    const text = await (await api.ask('/metrics')).text()
    expect(text).toContain(
      'muster_http_requests_total{method="GET",route="/v1/hosts/:fleet/:slot",status="200"} 1',
    )
    expect(text).toContain('route="other",status="404"} 1')
    const paths = text.split('\n').filter((line) => line.startsWith('muster_http'))
    expect(paths.join('\n')).not.toContain('render')
  })

  test('the OpenAPI document describes every route of agents and operators', async () => {
    const api = await stage()
    const document = (await (await api.ask('/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { responses: object; operationId: string }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const served = api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && /^\/(v1|healthz|readyz|metrics)/.test(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(new Set(described)).toEqual(new Set(served))
    for (const methods of Object.values(document.paths)) {
      for (const { responses } of Object.values(methods)) expect(Object.keys(responses)).toContain('500')
    }
  })

  // No operation lists 405: one that exists cannot answer it. The document says it once, for all paths.
  test('a method that is not described for a path is 405 there, with those that are', async () => {
    const api = await stage()
    const document = (await (await api.ask('/openapi.json')).json()) as {
      info: { description: string }
      paths: Record<string, object>
    }
    expect(document.info.description).toContain('405')
    for (const [path, methods] of Object.entries(document.paths)) {
      const response = await api.ask(path.replaceAll(/\{\w+\}/g, '1'), { method: 'PATCH' })
      const allow = response.headers.get('allow')?.split(', ') ?? []
      const described = Object.keys(methods).map((method) => method.toUpperCase())
      expect([path, response.status, allow.filter((method) => method !== 'HEAD')]).toEqual([
        path,
        405,
        described,
      ])
    }
  })
})
