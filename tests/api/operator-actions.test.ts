import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer, DEV_TOKEN, eventually, recordHost, sessionCookie, stageApi } from '../../api/testing.ts'
import type { AskInit, Stage } from '../../api/testing.ts'
import { startTemporalStage } from './stage.ts'
import type { TemporalStage } from './stage.ts'

let temporal: TemporalStage

beforeAll(async () => {
  temporal = await startTemporalStage()
})
afterAll(() => temporal.stop())

const stage = () => stageApi({ temporal: temporal.client })
const post = (api: Stage, path: string, body: object, headers: AskInit['headers'] = {}) =>
  api.ask(path, { body, headers: { ...bearer(DEV_TOKEN), ...headers } })

test('a resize reaches the fleet with who and why, answers what it wants now, and is audited', async () => {
  const api = await stage()
  const fleet = await temporal.startFleet('alpha')
  const response = await post(api, '/v1/fleets/alpha/resize', { size: 5, why: 'evening' })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ name: 'render', desired: 5, paused: false, specHash: 'abc' })
  expect(await fleet.query('received')).toEqual([
    { name: 'resize', payload: { size: 5, why: 'evening', by: 'dev' } },
  ])
  const [row] = await api.store.audit.list({ target: 'fleet alpha' })
  expect(row).toMatchObject({ who: 'dev', what: 'resize size=5', why: 'evening' })
})

test('the same Idempotency-Key is the same wish', async () => {
  const api = await stage()
  const fleet = await temporal.startFleet('beta')
  const send = (key: string) => post(api, '/v1/fleets/beta/pause', { why: 'x' }, { 'idempotency-key': key })
  await send('one')
  await send('one')
  await send('two')
  expect(await fleet.query('received')).toHaveLength(2)
})

test.each([
  ['drain', { why: 'x' }, { why: 'x', by: 'dev' }],
  ['replace', { why: 'x' }, { why: 'x', by: 'dev', drain: true }],
  ['retire', { why: 'x', drain: false }, { why: 'x', by: 'dev', drain: false }],
  ['preserve', { why: 'x', forMs: 3_600_000 }, { why: 'x', by: 'dev', forMs: 3_600_000 }],
])('%s reaches the host', async (name, body, payload) => {
  const api = await stage()
  const host = await temporal.startHost(`${name}/00001`, 1)
  const response = await post(api, `/v1/hosts/${name}/1/${name}`, body)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ phase: 'draining', attempt: 1, generation: 'g' })
  expect(await host.received()).toEqual([{ name, payload }])
})

test.each([
  ['resume', 'resume', { why: 'x' }],
  ['roll', 'roll', { why: 'x' }],
  ['roll', 'roll', { why: 'x', force: true }],
  ['rollback', 'rollback', { why: 'x' }],
  ['override-freeze', 'overrideFreeze', { why: 'x', forMs: 3_600_000 }],
  ['mark', 'mark', { why: 'x', slots: [3, 7] }],
  ['unmark', 'unmark', { why: 'x', slots: [3] }],
])('%s reaches the fleet as %s', async (path, name, body) => {
  const api = await stage()
  const fleet = await temporal.startFleet(`asked-${path}-${Object.keys(body).length}`)
  const id = fleet.workflowId.replace('fleet/', '')
  expect((await post(api, `/v1/fleets/${id}/${path}`, body)).status).toBe(200)
  expect(await fleet.query('received')).toEqual([{ name, payload: { ...body, by: 'dev' } }])
})

test('a form of the dashboard rolls a fleet', async () => {
  const api = await stage()
  const fleet = await temporal.startFleet('rolled')
  const row = { name: 'rolled', desired: 1, paused: false, specHash: 'abc', slots: [], seq: 1, note: '' }
  await api.store.fleets.record({ ...row, updatedAt: 1 })
  const browser = { host: 'muster.local', ...sessionCookie(api, DEV_TOKEN) }
  const page = await (await api.ask('/fleets/rolled', { headers: browser })).text()
  const [, fields = ''] = /action="\/fleets\/rolled\/roll"([^]*?)<\/form>/.exec(page) ?? []
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(fields)?.[1] ?? ''
  const headers = {
    ...browser,
    origin: 'http://muster.local',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const wish = { form: hidden('form'), key: hidden('key'), why: 'kernel', force: 'yes' }
  const body = new URLSearchParams(wish).toString()
  const response = await api.ask('/fleets/rolled/roll', { body, headers })
  expect(response.headers.get('location')).toBe('/fleets/rolled?done=roll')
  expect(await fleet.query('received')).toEqual([
    { name: 'roll', payload: { why: 'kernel', force: true, by: 'dev' } },
  ])
})

test('what the workflow refuses is 422 with its words', async () => {
  const api = await stage()
  await temporal.startFleet('gamma')
  const response = await post(api, '/v1/fleets/gamma/resize', { size: 1, why: 'refuse it' })
  expect(response.status).toBe(422)
  expect(await response.text()).toContain('fleet gamma refuses resize: not while it is being tested')
})

test('what never was is 404, what has ended is 410', async () => {
  const api = await stage()
  expect((await post(api, '/v1/fleets/absent/pause', { why: 'x' })).status).toBe(404)
  const host = await temporal.startHost('ended/00001', 1)
  await host.tell({ end: true })
  await host.handle.result()
  expect((await post(api, '/v1/hosts/ended/1/drain', { why: 'x' })).status).toBe(410)
})

test('a wish that no worker answers is 504 and says so', async () => {
  const api = await stage()
  await temporal.client.workflow.start('standIn', { workflowId: 'fleet/lonely', taskQueue: 'nobody' })
  const response = await post(api, '/v1/fleets/lonely/pause', { why: 'x' })
  expect(response.status).toBe(504)
  expect(await response.text()).toContain('is a worker running?')
})

test('a form of the dashboard reaches the host and leads back to its page', async () => {
  const api = await stage()
  const host = await temporal.startHost('form/00001', 1)
  await recordHost(api.store, { ...host.key, phase: 'ready' })
  const browser = { host: 'muster.local', ...sessionCookie(api, DEV_TOKEN) }
  const page = await (await api.ask('/hosts/form/00001/replace', { headers: browser })).text()
  const [, form = ''] = /<main>[^]*name="form" value="([^"]*)"/.exec(page) ?? []
  const [, key = ''] = /name="key" value="([^"]*)"/.exec(page) ?? []
  const headers = {
    ...browser,
    origin: 'http://muster.local',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const body = new URLSearchParams({ form, key, why: 'kernel', atOnce: 'yes' }).toString()
  for (const _click of [1, 2]) {
    const response = await api.ask('/hosts/form/00001/replace', { body, headers })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/hosts/form/00001?done=replace')
  }
  expect(await host.received()).toEqual([
    { name: 'replace', payload: { why: 'kernel', by: 'dev', drain: false } },
  ])
  const done = await (await api.ask('/hosts/form/00001?done=replace', { headers: browser })).text()
  expect(done).toContain('the host will be replaced')
})

test('the API is ready and its pulse counts while Temporal and the store answer', async () => {
  const api = await stage()
  expect((await api.ask('/readyz')).status).toBe(200)
  api.background.start()
  const [pulse] = await eventually('a pulse', async () => {
    const alive = await api.store.pulses.alive(Date.now(), 10_000)
    return alive.length > 0 && alive
  })
  expect(pulse?.id).toBe('api-1')
  await api.background.stop()
})
