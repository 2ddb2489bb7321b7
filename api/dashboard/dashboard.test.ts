import { describe, expect, test } from 'vitest'
import { DEV_TOKEN, FACTS, KEY, recordHost, SPEC, sessionCookie, stageApi } from '../testing.ts'
import type { AskInit, Stage } from '../testing.ts'
import { sha256Hex } from '../../store/token-crypto.ts'

const HOST = 'muster.local'
const ORIGIN = `http://${HOST}`
const EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>'

/** A browser: one cookie, and the headers that browsers add to forms. */
function browse(api: Stage, token = DEV_TOKEN) {
  const base = { host: HOST, ...(token === '' ? {} : sessionCookie(api, token)) }
  const open = (path: string, init: AskInit = {}) =>
    api.ask(path, { ...init, headers: { ...base, ...init.headers } })
  return {
    open,
    page: async (path: string): Promise<string> => (await open(path)).text(),
    send: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      open(path, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: ORIGIN, ...headers },
      }),
  }
}

/** The hidden fields of the first form of a page that posts to a path. */
function secretsIn(page: string, action: string): { form: string; key: string } {
  const form = page.slice(page.indexOf(`action="${action}"`))
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? ''
  return { form: field('form'), key: field('key') }
}

async function stageFleet(): Promise<Stage> {
  const api = await stageApi({ temporalUiUrl: 'http://127.0.0.1:8233' })
  const specHash = await api.store.specs.put(SPEC, 1)
  await api.store.fleets.record({
    name: 'render',
    desired: 3,
    paused: false,
    specHash,
    slots: [[1, 3]],
    seq: 1,
    note: EVIL,
    updatedAt: 1_000,
  })
  const events = [
    { seq: 1, at: 1, kind: 'launched' as const, attempt: 1, text: 'launched i-0001' },
    { seq: 2, at: 2, kind: 'started' as const, attempt: 1, text: `said ${EVIL}` },
  ]
  await recordHost(api.store, { phase: 'silent', reason: EVIL, seq: 2, events })
  const facts = { ...FACTS, os: { ...FACTS.os, hostname: EVIL, release: EVIL }, agentVersion: EVIL }
  await api.store.hosts.setFacts([{ key: KEY, facts }], 1)
  return api
}

describe('logging in', () => {
  test('by the link of the dev stack sets a cookie that scripts and other sites do not get, and drops the token', async () => {
    const api = await stageApi()
    const response = await api.ask(`/?token=${DEV_TOKEN}`)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/')
    const cookie = response.headers.get('set-cookie')
    expect(cookie).toContain('muster_session=')
    expect(cookie).not.toContain(DEV_TOKEN)
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
  })

  test('by a wrong link shows the log-in page with 401 and sets nothing', async () => {
    const api = await stageApi()
    const response = await api.ask('/?token=guess')
    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
    const page = await response.text()
    expect(page).toContain('action="/login"')
    expect(page).toContain('this token is not known here')
    expect(page).not.toContain('guess')
  })

  test('is asked of who comes without a session, and leads back to where they were going', async () => {
    const api = await stageFleet()
    const response = await api.ask('/fleets/render')
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toContain('text/html')
    const page = await response.text()
    expect(page).toContain('name="next" value="/fleets/render"')
    expect(page).not.toContain('class="card problem"')
    const { send } = browse(api, '')
    const done = await send('/login', { token: DEV_TOKEN, next: '/fleets/render' })
    expect(done.status).toBe(303)
    expect(done.headers.get('location')).toBe('/fleets/render')
  })

  test('by a link that another site opened by itself is refused: nobody is put into a foreign session', async () => {
    const api = await stageApi()
    const follow = (headers: Record<string, string>) => api.ask(`/?token=${DEV_TOKEN}`, { headers })
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe', 'sec-fetch-user': '?1' },
    ]) {
      const response = await follow(headers)
      expect(response.status).toBe(403)
      expect(response.headers.get('set-cookie')).toBeNull()
    }
    for (const headers of [
      { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' },
    ]) {
      expect((await follow(headers)).status).toBe(303)
    }
  })

  test.each([
    '//evil.example',
    '/\\evil.example',
    'http://evil.example',
    '/a\r\nx: y',
    '/\t/evil.example',
    '/\u0000/evil.example',
    '',
  ])('never leads to another site (%j)', async (next) => {
    const api = await stageApi()
    const response = await browse(api, '').send('/login', { token: DEV_TOKEN, next })
    expect(response.headers.get('location')).toBe('/')
  })

  test('of another site in a person’s browser is refused', async () => {
    const api = await stageApi()
    const response = await browse(api, '').send(
      '/login',
      { token: DEV_TOKEN },
      { origin: 'http://evil.example' },
    )
    expect(response.status).toBe(403)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  test('asks for TLS-only cookies when the public address is https', async () => {
    const api = await stageApi({ publicUrl: 'https://muster.example' })
    const { headers } = await api.ask(`/?token=${DEV_TOKEN}`)
    expect(headers.get('set-cookie')).toMatch(/Secure/)
  })

  test('out removes the cookie', async () => {
    const api = await stageFleet()
    const { page, send } = browse(api)
    const { form } = secretsIn(await page('/'), '/logout')
    expect((await send('/logout', { form: 'guess' })).status).toBe(403)
    const response = await send('/logout', { form })
    expect(response.status).toBe(303)
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0')
  })
})

describe('pages', () => {
  test('show fleets with wanted and actual, and what happened', async () => {
    const page = await browse(await stageFleet()).page('/')
    expect(page).toContain('0 / 3')
    expect(page).toContain('aria-label="1 silent"')
    expect(page).toContain('launched i-0001')
  })

  test('tell a newcomer what to do when there is nothing yet', async () => {
    const page = await browse(await stageApi()).page('/')
    expect(page).toContain('No fleets yet')
    expect(page).toContain('muster apply')
  })

  test('show the hosts of a fleet with links to Temporal, filtered by what the address says', async () => {
    const { page } = browse(await stageFleet())
    const all = await page('/fleets/render')
    expect(all).toContain('href="/hosts/render/00007"')
    expect(all).toContain('http://127.0.0.1:8233/namespaces/default/workflows/host%2Frender%2F00007')
    expect(await page('/fleets/render?phase=&search=i-0001')).toContain('/hosts/render/00007')
    expect(await page('/fleets/render?phase=ready')).toContain('No host is like that')
    expect(await page('/fleets/render?search=%22%3E%3Cb%3E')).toContain('value="&quot;&gt;&lt;b&gt;"')
  })

  test('show why a fleet is as it is, and what a person can do', async () => {
    const api = await stageFleet()
    const row = await api.store.fleets.get('render')
    if (row) await api.store.fleets.record({ ...row, paused: true })
    const told = await browse(api).page('/fleets/render')
    expect(told).toContain('render has 0 of 3 wanted hosts ready: 3 missing')
    expect(told).toContain('muster fleets resume render')
    expect(told).not.toContain(EVIL)
  })

  test('show a host with its facts, its deadline and its story', async () => {
    const api = await stageFleet()
    const { page } = browse(api)
    const silent = await page('/hosts/render/00007')
    for (const text of ['00:16:3e:00:00:01', '10.0.0.7', 'i-0001', '4 logical', '8.0 GiB', 'Attempt 1']) {
      expect(silent).toContain(text)
    }
    const late = { key: KEY, at: Date.now(), workload: 'running', load: 0, clockSkewMs: -3_600_000 }
    await api.store.hosts.setBeats([late])
    expect(await page('/hosts/render/00007')).toContain('1:00:00 behind the API’s')
    expect(silent.indexOf('said ')).toBeLessThan(silent.indexOf('launched i-0001'))
    await recordHost(api.store, { phase: 'booting', attempt: 2, seq: 3, bootDeadline: Date.now() + 600_500 })
    expect(await page('/hosts/render/00007')).toContain('Boot deadline in 10 min')
    await recordHost(api.store, { phase: 'booting', attempt: 2, seq: 4, bootDeadline: Date.now() - 120_500 })
    expect(await page('/hosts/render/00007')).toContain('Boot deadline 2 min ago')
  })

  test('hold texts from outside as text: no page runs them', async () => {
    const { open } = browse(await stageFleet())
    for (const path of ['/', '/fleets/render', '/hosts/render/00007', '/hosts/render/00007/replace']) {
      const response = await open(path)
      const page = await response.text()
      expect(response.status).toBe(200)
      expect(page).not.toContain('<script>alert')
      expect(page).not.toContain('<img src=x')
      // Everything that runs or styles comes from files of ours; the policy forbids anything else.
      expect(page.match(/<script(?![^>]* src="\/assets\/)/g)).toBeNull()
      expect(page).not.toMatch(/ style="|<style| on\w+="/)
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'self'")
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("frame-ancestors 'none'")
    }
  })

  test('name files that are served', async () => {
    const api = await stageFleet()
    const page = await browse(api).page('/')
    const files = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')
    expect(new Set(files).size).toBe(3)
    for (const path of files) {
      const response = await api.ask(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toContain('immutable')
    }
  })

  test.each([
    ['/fleets/absent', 404],
    ['/fleets/Bad%20Name', 404],
    ['/hosts/render/00099', 404],
    ['/hosts/render/00007/explode', 404],
    ['/fleets/render?phase=flying', 400],
  ])('that cannot be shown say so as a page: %s is %i', async (path, status) => {
    const response = await browse(await stageFleet()).open(path)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  test('show viewers no forms but the one to leave', async () => {
    const api = await stageFleet()
    await api.store.tokens.add({ hash: sha256Hex('look'), name: 'look', role: 'viewer', createdAt: 1 })
    const { page } = browse(api, 'look')
    expect(await page('/fleets/render')).not.toMatch(
      /action="\/fleets\/render\/(resize|pause|roll|rollback)"/,
    )
    expect(await page('/hosts/render/00007')).not.toContain('/hosts/render/00007/replace')
  })
})

describe('forms', () => {
  async function resizeForm() {
    const api = await stageFleet()
    const browser = browse(api)
    const secrets = secretsIn(await browser.page('/fleets/render'), '/fleets/render/resize')
    return { api, ...browser, secrets }
  }
  const PATH = '/fleets/render/resize'

  test('of our pages reach Temporal, whose absence is told as a page', async () => {
    const { api, send, secrets } = await resizeForm()
    const response = await send(PATH, { ...secrets, size: '5', why: 'evening' })
    expect(response.status).toBe(503)
    const page = await response.text()
    expect(page).toContain('Not reachable at the moment')
    expect(page).toContain('href="/fleets/render"')
    const [row] = await api.store.audit.list({ target: 'fleet render' })
    expect(row).toMatchObject({ who: 'dev', why: 'evening' })
  })

  const refused: [string, Record<string, string>, Record<string, string>, number][] = [
    ['from another site', {}, { origin: 'http://evil.example' }, 403],
    ['from nowhere', {}, { origin: '' }, 403],
    ['without the form token', { form: 'guess' }, {}, 403],
    ['as JSON', {}, { 'content-type': 'application/json' }, 415],
    ['without a length', {}, { 'content-length': '' }, 411],
    ['without a why', { why: ' ' }, {}, 400],
    ['with a size that is none', { size: 'many' }, {}, 400],
    ['with no size', { size: '' }, {}, 400],
    ['with an unknown field', { extra: '1' }, {}, 400],
  ]
  test.each(refused)('%s are refused and change nothing', async (_what, fields, headers, status) => {
    const { api, send, secrets } = await resizeForm()
    const response = await send(PATH, { ...secrets, size: '5', why: 'evening', ...fields }, headers)
    expect(response.status).toBe(status)
    expect(await api.store.audit.list({})).toEqual([])
  })

  test('of one session do not work in another', async () => {
    const { api, secrets } = await resizeForm()
    await api.store.tokens.add({ hash: sha256Hex('other'), name: 'other', role: 'operator', createdAt: 1 })
    const response = await browse(api, 'other').send(PATH, { ...secrets, size: '5', why: 'evening' })
    expect(response.status).toBe(403)
  })

  test('ask before they touch a host, and say what will happen', async () => {
    const { page } = browse(await stageFleet())
    const confirm = await page('/hosts/render/00007/retire')
    expect(confirm).toContain('Retire render/00007?')
    expect(confirm).toContain('this host ends')
    expect(secretsIn(confirm, '/hosts/render/00007/retire').key).toMatch(/^[0-9a-f-]{36}$/)
  })
})
