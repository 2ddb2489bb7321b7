import { expect, test } from 'vitest'
import { DEFAULT_BREAKER_RULES } from '../../domain/breaker/rules.ts'
import type { BootOutcome } from '../../domain/breaker/settle.ts'
import { bearer, DEV_TOKEN, KEY, recordHost, sessionCookie, stageApi } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { sha256Hex } from '../../store/token-crypto.ts'
import type { HoldView } from './holds.ts'

const VIEWER = 'viewer-token'
const NOW = 1_800_000_000_000
const MINUTE = 60_000
const EVIL = '<script>alert("x")</script>'

/** Hold 1 on an image in a zone, opened by a host whose reason is not to be trusted; the clock is `NOW`. */
async function stageHold(now = NOW): Promise<Stage> {
  const api = await stageApi({ clock: () => now })
  await api.store.tokens.add({ hash: sha256Hex(VIEWER), name: 'viewer', role: 'viewer', createdAt: 1 })
  const rules = { ...DEFAULT_BREAKER_RULES, failures: 1 }
  const outcome: BootOutcome = {
    ...KEY,
    region: 'cn-hangzhou',
    imageId: 'm-1',
    zone: 'cn-hangzhou-h',
    instanceType: 'ecs.c7.large',
    fleet: 'render',
    launchedAt: NOW,
    outcome: 'failed',
    why: EVIL,
  }
  await api.store.holds.noteOutcome(outcome, rules, NOW)
  return api
}

const list = async (api: Stage, query = ''): Promise<HoldView[]> => {
  const answer = await api.ask(`/v1/holds${query}`, { headers: bearer(VIEWER) })
  return ((await answer.json()) as { holds: HoldView[] }).holds
}
const release = (api: Stage, id: string, body: object = { why: 'image repaired' }, token = DEV_TOKEN) =>
  api.ask(`/v1/holds/${id}/release`, { body, headers: bearer(token) })

test('viewers see what is held, since when, and who probes', async () => {
  const api = await stageHold(NOW + 11 * MINUTE)
  expect(await list(api)).toEqual([
    {
      id: 1,
      state: 'open',
      scope: 'placement',
      subject: 'm-1 on ecs.c7.large in cn-hangzhou-h',
      region: 'cn-hangzhou',
      imageId: 'm-1',
      zone: 'cn-hangzhou-h',
      instanceType: 'ecs.c7.large',
      reason: `1 boot failed within 30:00, the last: ${EVIL}`,
      openedAt: '2027-01-15T08:00:00.000Z',
      openedBy: 'render/00007 attempt 1',
      probeFrom: '2027-01-15T08:10:00.000Z',
      failedProbes: 0,
    },
  ])
  const probeUntil = NOW + 33 * MINUTE
  const key = { host: 'render/00009', generation: 'g', attempt: 2 }
  const question = { region: 'cn-hangzhou', key, imageId: 'm-1', probeUntil }
  await api.store.holds.planned(question, () => ({ probes: [1] }), NOW + 11 * MINUTE)
  expect(await list(api)).toMatchObject([
    {
      state: 'half-open',
      probe: { host: 'render/00009', attempt: 2, until: '2027-01-15T08:33:00.000Z' },
    },
  ])
  expect((await api.ask('/v1/holds')).status).toBe(401)
})

test('an operator releases a hold with a reason, once', async () => {
  const api = await stageHold()
  expect((await release(api, '1', { why: 'x' }, VIEWER)).status).toBe(403)
  expect((await release(api, '1', {})).status).toBe(400)
  expect((await release(api, 'x')).status).toBe(400)
  expect((await release(api, '7')).status).toBe(404)
  const answer = await release(api, '1')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ id: 1, state: 'closed', closedBy: 'dev' })
  expect((await release(api, '1')).status).toBe(409)
  expect(await list(api)).toEqual([])
  expect(await list(api, '?includeClosed=true')).toMatchObject([{ closedWhy: 'image repaired' }])
  expect(await api.store.audit.list({ target: 'hold 1' })).toMatchObject([
    { who: 'dev', why: 'image repaired' },
    { who: 'muster' },
  ])
})

test('open holds are counted at /metrics, and metrics come without a store, too', async () => {
  const api = await stageHold()
  const metrics = async () => await (await api.ask('/metrics')).text()
  expect(await metrics()).toContain('muster_open_holds{scope="placement",state="open"} 1')
  expect(await metrics()).toContain('muster_open_holds{scope="image",state="open"} 0')
  await release(api, '1')
  expect(await metrics()).toContain('muster_open_holds{scope="placement",state="open"} 0')
  await api.store.close()
  expect(await metrics()).not.toContain('muster_open_holds{')
  expect(await metrics()).toContain('muster_http_requests_total')
})

test('the dashboard shows what is held, and an operator releases it there', async () => {
  const api = await stageHold()
  await recordHost(api.store)
  const headers = { host: 'muster.local', ...sessionCookie(api, DEV_TOKEN) }
  const page = async (path: string) => await (await api.ask(path, { headers })).text()
  const first = await page('/')
  expect(first).toContain('m-1 on ecs.c7.large in cn-hangzhou-h')
  expect(first).toContain('href="/holds/1/release"')
  expect(first).not.toContain(EVIL)
  const viewed = await api.ask('/', { headers: { ...headers, ...sessionCookie(api, VIEWER) } })
  expect(await viewed.text()).not.toContain('href="/holds/1/release"')

  const form = await page('/holds/1/release')
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(secrets)?.[1] ?? ''
  const secrets = form.slice(form.indexOf('action="/holds/1/release"'))
  const send = (fields: Record<string, string>) =>
    api.ask('/holds/1/release', {
      body: new URLSearchParams(fields).toString(),
      headers: {
        ...headers,
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'http://muster.local',
      },
    })
  const fields = { form: field('form'), key: field('key'), why: 'image repaired' }
  expect((await send({ ...fields, form: 'x' })).status).toBe(403)
  const sent = await send(fields)
  expect([sent.status, sent.headers.get('location')]).toEqual([303, '/?done=release'])
  const after = await page('/?done=release')
  expect(after).toContain('The hold is released')
  expect(after).not.toContain('m-1 on ecs.c7.large')
  expect((await api.ask('/holds/1/release', { headers })).status).toBe(404)
})
