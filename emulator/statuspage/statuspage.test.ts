import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator, EmulatorOptions } from '../index.ts'
import { startTestEmulator } from '../testing/sdk.ts'
import { DEFAULT_STATUSPAGE_KEY } from './index.ts'

const PAGE = 'pages/emulatedpage'
const PART = 'emulatedpart'

let emulator: Emulator
let nowMs = Date.parse('2026-01-01T00:00:00Z')
const begin = async (options: Partial<EmulatorOptions> = {}) => {
  ;({ emulator } = await startTestEmulator({ wallNow: () => nowMs, ...options }))
}
beforeEach(() => begin())
afterEach(() => emulator.close())

interface Answer {
  status: number
  body: Record<string, unknown>
}
async function ask(
  method: string,
  path: string,
  body?: object | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isForm = body instanceof URLSearchParams
  const response = await fetch(`${emulator.statuspage.endpoint}/${path}`, {
    method,
    headers: {
      authorization: `OAuth ${emulator.statuspage.key}`,
      ...(body && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
}
const list = async (path: string) => (await ask('GET', path)).body as unknown as Record<string, unknown>[]
const open = (fields: object = {}) =>
  ask('POST', `${PAGE}/incidents`, { incident: { name: 'slow', ...fields } })

describe('incidents', () => {
  test('are opened with their components, told on, and resolved', async () => {
    const made = await open({
      body: 'We look at it.',
      component_ids: [PART],
      components: { [PART]: 'partial_outage' },
      metadata: { muster: { subject: 'x' } },
      deliver_notifications: false,
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      page_id: 'emulatedpage',
      name: 'slow',
      status: 'investigating',
      impact: 'major',
      impact_override: null,
      metadata: { muster: { subject: 'x' } },
      components: [{ id: PART, status: 'partial_outage' }],
      resolved_at: null,
      incident_updates: [
        {
          status: 'investigating',
          body: 'We look at it.',
          deliver_notifications: false,
          affected_components: [
            { code: PART, name: 'Fleet', old_status: 'operational', new_status: 'partial_outage' },
          ],
        },
      ],
    })
    const path = `${PAGE}/incidents/${String(made.body['id'])}`
    expect(made.body['id']).toMatch(/^[a-z0-9]{12}$/)
    nowMs += 1_000
    const told = await ask('PATCH', path, { incident: { status: 'monitoring', body: 'Better.' } })
    expect(told).toMatchObject({ status: 200, body: { status: 'monitoring' } })
    expect(told.body['monitoring_at']).toBe(new Date(nowMs).toISOString())
    expect(await list(`${PAGE}/incidents/unresolved`)).toHaveLength(1)
    await ask('PUT', path, {
      incident: { status: 'resolved', body: 'Done.', components: { [PART]: 'operational' } },
    })
    expect(await list(`${PAGE}/incidents/unresolved`)).toEqual([])
    const { body } = await ask('GET', path)
    expect(body).toMatchObject({ status: 'resolved', resolved_at: new Date(nowMs).toISOString() })
    expect((body['incident_updates'] as { body: string }[]).map(({ body: said }) => said)).toEqual([
      'Done.',
      'Better.',
      'We look at it.',
    ])
    expect(await list(`${PAGE}/components`)).toMatchObject([{ id: PART, status: 'operational' }])
  })

  test('are taken as a form, with .json at the end, and with the key in the query', async () => {
    const form = new URLSearchParams([
      ['incident[name]', 'by form'],
      ['incident[component_ids][]', PART],
      ['incident[components][emulatedpart]', 'major_outage'],
      ['incident[deliver_notifications]', 'false'],
      ['incident[metadata][jira][issue]', 'OPS-1'],
    ])
    const made = await ask('POST', `${PAGE}/incidents.json?api_key=${DEFAULT_STATUSPAGE_KEY}`, form, {
      authorization: '',
    })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'by form',
        impact: 'critical',
        metadata: { jira: { issue: 'OPS-1' } },
        incident_updates: [{ deliver_notifications: false }],
      },
    })
  })

  test('are listed the newest first, a hundred at most, by page and by text', async () => {
    emulator.seed({ statuspage: { requestsPerMinute: 1_000 } })
    for (let n = 1; n <= 101; n++) await open({ name: `incident ${n}`, body: n === 7 ? 'needle' : 'hay' })
    const first = await list(`${PAGE}/incidents/unresolved`)
    expect(first).toHaveLength(100)
    expect(first[0]).toMatchObject({ name: 'incident 101' })
    expect(await list(`${PAGE}/incidents/unresolved?page=2`)).toMatchObject([{ name: 'incident 1' }])
    expect(await list(`${PAGE}/incidents?limit=2&page=2`)).toHaveLength(2)
    expect(await list(`${PAGE}/incidents?q=NEEDLE`)).toMatchObject([{ name: 'incident 7' }])
  })

  test.each([
    [{ name: '' }, 'Name can’t be blank'],
    [{ name: 'x'.repeat(256) }, 'Name is too long (maximum is 255 characters)'],
    [{ status: 'broken' }, expect.stringMatching(/^Status /)],
    [{ metadata: { muster: 'no object' } }, expect.stringMatching(/^Metadata /)],
    [{ component_ids: ['nowhere'] }, 'Component nowhere could not be found'],
    [{ components: { emulatedpart: 'bad' } }, expect.stringMatching(/^Components /)],
  ])('with %j are refused as unprocessable, and not made', async (fields, words) => {
    expect(await open(fields)).toEqual({ status: 422, body: { error: [words] } })
    expect(await list(`${PAGE}/incidents`)).toEqual([])
  })

  test('are deleted', async () => {
    const { body } = await open()
    const path = `${PAGE}/incidents/${String(body['id'])}`
    expect((await ask('DELETE', path)).status).toBe(200)
    expect((await ask('GET', path)).status).toBe(404)
  })
})

describe('components', () => {
  test('are made, changed and deleted', async () => {
    const made = await ask('POST', `${PAGE}/components`, { component: { name: 'Second' } })
    expect(made).toMatchObject({ status: 201, body: { name: 'Second', status: 'operational', position: 2 } })
    const path = `${PAGE}/components/${String(made.body['id'])}`
    const changed = await ask('PATCH', path, { component: { status: 'degraded_performance' } })
    expect(changed).toMatchObject({ status: 200, body: { name: 'Second', status: 'degraded_performance' } })
    expect(await ask('PATCH', path, { component: { status: 'so-so' } })).toMatchObject({ status: 422 })
    expect((await ask('DELETE', path)).status).toBe(204)
    expect((await ask('PATCH', path, { component: {} })).status).toBe(404)
  })
})

describe('a call', () => {
  test.each([
    ['GET', PAGE, { authorization: 'OAuth wrong' }, 401, 'Could not authenticate'],
    ['GET', PAGE, { authorization: '' }, 401, 'Could not authenticate'],
    ['GET', 'pages/nowhere', {}, 404, 'The requested resource could not be found.'],
    ['GET', `${PAGE}/metrics`, {}, 404, 'The requested resource could not be found.'],
    ['GET', `${PAGE}/incidents/%ZZ`, {}, 404, 'The requested resource could not be found.'],
    ['DELETE', `${PAGE}/incidents`, {}, 405, 'Method not allowed'],
  ])('%s %s with %j is answered %i', async (method, path, headers, status, error) => {
    expect(await ask(method, path, undefined, headers)).toEqual({ status, body: { error } })
  })

  test('whose body is not what its Content-Type says is refused', async () => {
    const path = `${PAGE}/incidents`
    expect(await ask('POST', path, {}, { 'content-type': 'text/plain' })).toMatchObject({ status: 400 })
    expect(
      await ask('POST', path, new URLSearchParams('a=1'), { 'content-type': 'application/json' }),
    ).toEqual({ status: 400, body: { error: 'The body is not a JSON object.' } })
    expect(await ask('POST', path, { other: 1 })).toMatchObject({ status: 400 })
  })

  test('beyond one a second over any minute is answered 420', async () => {
    const codes: number[] = []
    for (let n = 0; n < 61; n++) codes.push((await ask('GET', PAGE)).status)
    expect(codes.filter((code) => code === 200)).toHaveLength(60)
    expect(codes.at(-1)).toBe(420)
    nowMs += 59_000
    expect((await ask('GET', PAGE)).status).toBe(420)
    nowMs += 1_001
    expect((await ask('GET', PAGE)).status).toBe(200)
  })

  test('is spoiled as those of ECS are, by its own names', async () => {
    const action = 'statuspage.createIncident'
    emulator.addFault({ action, count: 1, effect: { type: 'resetAfter' } })
    await expect(open()).rejects.toThrow('fetch failed')
    emulator.addFault({ action, count: 1, effect: { type: 'resetBefore' } })
    await expect(open()).rejects.toThrow('fetch failed')
    expect(
      await list(`${PAGE}/incidents`),
      'done before the first reset, not before the second',
    ).toHaveLength(1)
    emulator.addFault({ action, count: 1, effect: { type: 'error', code: 'Broken', httpStatus: 500 } })
    expect((await open()).status).toBe(500)
    emulator.addFault({ action, count: 1, effect: { type: 'throttle', retryAfterMs: 1_500 } })
    const response = await fetch(`${emulator.statuspage.endpoint}/${PAGE}/incidents`, {
      method: 'POST',
      headers: { authorization: `OAuth ${emulator.statuspage.key}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([420, '2'])
    emulator.addFault({ action: 'statuspage.*', effect: { type: 'htmlBody', status: 502 } })
    await expect(ask('GET', PAGE)).rejects.toThrow('is not valid JSON')
    emulator.cloud.faults.clear()
    emulator.addFault({ action: '*', effect: { type: 'error', code: 'ServiceUnavailable', httpStatus: 503 } })
    expect((await ask('GET', PAGE)).status, 'who spoils the cloud does not mean the page').toBe(200)
    expect(() => emulator.addFault({ action: 'statuspage.no', effect: { type: 'resetAfter' } })).toThrow(
      'there is no action "statuspage.no"',
    )
  })
})

describe('the admin plane', () => {
  test('seeds pages and components, shows them with their incidents, and begins anew', async () => {
    const pages = [{ id: 'farm1', name: 'Farm', components: [{ id: 'c1', name: 'Render' }] }]
    emulator.seed({ statuspage: { pages } })
    await ask('POST', 'pages/farm1/incidents', { incident: { name: 'Fire <b>', body: 'We look.' } })
    emulator.seed({ statuspage: { pages } })
    const state = (await (await fetch(`${emulator.adminUrl}state`)).json()) as {
      statuspage: { pages: { id: string }[] }
    }
    expect(state.statuspage.pages.find(({ id }) => id === 'farm1')).toMatchObject({
      components: [{ id: 'c1', name: 'Render', status: 'operational' }],
      incidents: [{ name: 'Fire <b>', impact: 'none' }],
    })
    const page = await (await fetch(emulator.adminUrl)).text()
    expect(page).toContain('Fire &lt;b&gt;')
    expect(page).not.toContain(emulator.statuspage.key)
    const calls = JSON.stringify(emulator.recorder.calls())
    expect(calls).toContain('statuspage.createIncident')
    expect(calls).not.toContain(emulator.statuspage.key)
    await emulator.reset()
    expect((await ask('GET', 'pages/farm1')).status).toBe(404)
    expect(await list(`${PAGE}/incidents`)).toEqual([])
  })

  test('keeps pages, components and incidents over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-statuspage-'))
    try {
      const stateFile = join(folder, 'cloud.jsonl')
      await emulator.close()
      await begin({ stateFile })
      emulator.seed({ statuspage: { requestsPerMinute: 7 } })
      const kept = await open({ components: { [PART]: 'partial_outage' } })
      const gone = await open()
      await ask('DELETE', `${PAGE}/incidents/${String(gone.body['id'])}`)
      await emulator.close()
      await begin({ stateFile })
      expect(await list(`${PAGE}/incidents`)).toEqual([kept.body])
      const next = await open()
      expect([kept.body['id'], gone.body['id']]).not.toContain(next.body['id'])
      for (let n = 0; n < 5; n++) await ask('GET', PAGE)
      expect((await ask('GET', PAGE)).status).toBe(420)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
