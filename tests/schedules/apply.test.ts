import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { createActionActivities } from '../../activities/actions/index.ts'
import { carryOut, planOf } from '../../cli/apply/schedules.ts'
import { sendUpdate } from '../../api/temporal/updates.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { describeSchedule, scheduleNames } from '../../api/temporal/schedules.ts'
import { readRuns } from '../../api/temporal/schedule-runs.ts'
import { nextTimes } from '../../domain/cron/index.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId, sweepWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES } from '../../domain/messages.ts'
import { scheduleId } from '../../domain/schedules/ids.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { logIn } from '../support/log-in.ts'
import { restartPort } from '../support/restart-port.ts'
import { CONTROLLER, OPERATOR_TOKEN } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'
import { scheduleOf as schedule, scheduleStage } from './stage.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
})
afterAll(() => world?.close())

const { asker, scope, apply, serverHas, handleOf, ask } = scheduleStage(() => world)

const lastRun = async (name: string) => {
  const server = await serverHas(name)
  const [run] = server === undefined ? [] : await readRuns(world.client, server, 1)
  return run !== undefined && run.outcome !== 'running' && run
}
const untilRun = (name: string) => waitFor(`a run of ${name}`, () => lastRun(name))

describe.concurrent('apply', () => {
  it('creates, changes only what differs, keeps a pause, deletes what was dropped; again it does nothing', async () => {
    const both = [schedule('a-one'), schedule('a-two', { expression: '@every 500h', jitterMs: 60_000 })]
    expect(await apply('a-', both)).toMatchObject({ create: ['a-one', 'a-two'], update: [] })
    expect(await apply('a-', both)).toEqual({
      create: [],
      update: [],
      delete: [],
      unchanged: ['a-one', 'a-two'],
    })
    const before = await serverHas('a-two')

    await ask('/v1/schedules/a-two/pause', { why: 'holiday' })
    expect(await apply('a-', both)).toMatchObject({ update: [], unchanged: ['a-one', 'a-two'] })
    const changed = [both[0]!, { ...both[1]!, overlap: 'bufferOne' as const, note: 'spreads' }]
    expect(await apply('a-', changed)).toMatchObject({
      update: [['a-two', 'overlap', 'note']],
      unchanged: ['a-one'],
    })
    const after = await serverHas('a-two')
    expect(after).toMatchObject({
      isPaused: true,
      stateNote: 'paused by dev: holiday',
      overlap: 'bufferOne',
      jitterMs: 60_000,
      input: { anchor: before?.input.anchor, note: 'spreads' },
    })

    await waitFor('the list to have both', async () => {
      const { json } = await ask<{ schedules?: { name: string }[] }>('/v1/schedules')
      return json.schedules?.filter(({ name }) => name.startsWith('a-')).length === 2
    })
    expect(await apply('a-', [both[0]!])).toMatchObject({ delete: ['a-two'], unchanged: ['a-one'] })
    expect(await serverHas('a-two')).toBeUndefined()
    const rows = await world.store.audit.list({ target: 'schedule a-two' })
    expect(rows.map(({ who, what }) => `${who}: ${what}`)).toEqual([
      'ann: delete',
      'ann: change overlap, note',
      'dev: pause',
      'ann: create @every 500h',
    ])
  })

  it('obeys the config’s own word on a pause when that word changes, and not before', async () => {
    await apply('b-', [schedule('b-one', { paused: true })])
    expect(await serverHas('b-one')).toMatchObject({ isPaused: true })
    await ask('/v1/schedules/b-one/resume', { why: 'now' })
    expect(await apply('b-', [schedule('b-one', { paused: true })])).toMatchObject({ unchanged: ['b-one'] })
    expect(await serverHas('b-one')).toMatchObject({ isPaused: false, stateNote: 'resumed by dev: now' })
    await apply('b-', [schedule('b-one', { paused: false })])
    await apply('b-', [schedule('b-one', { paused: true })])
    expect(await serverHas('b-one')).toMatchObject({
      isPaused: true,
      stateNote: 'paused by the config, applied by ann',
    })
  })

  it('leaves alone what others have made, under our prefix or not', async () => {
    await world.client.schedule.create({
      scheduleId: scheduleId(CONTROLLER, 'c-foreign'),
      spec: { intervals: [{ every: '1000h' }] },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'nobody' },
    })
    await expect(apply('c-', [schedule('c-foreign')])).rejects.toThrow('was not made by Muster')
    expect(await apply('c-', [schedule('c-ours')])).toMatchObject({ create: ['c-ours'], delete: [] })
    expect((await ask('/v1/schedules')).status).toBe(200)
    await handleOf('c-foreign').delete()
  })
})

describe.concurrent('a firing', () => {
  it('resizes the fleet once, though its activity is tried again after the fleet has answered', async () => {
    const fleet = await world.startFleet('once', 0)
    await apply('d-', [schedule('d-once', { do: { scale: { fleet: 'once', size: 0 } } })])
    const triggered = await ask('/v1/schedules/d-once/trigger', { why: 'to see' })
    expect(triggered).toMatchObject({ status: 200, json: { done: 'triggered' } })
    const run = await untilRun('d-once')
    expect(run).toMatchObject({ outcome: 'ok', text: 'fleet once is to have 0 hosts' })
    const state = await fleet.query<FleetState>(FLEET_QUERIES.state)
    expect(state.note).toContain(
      'by schedule d-once: 0 0 3 1 1 * (on day 1 of January at 03:00:00 Asia/Shanghai)',
    )
    // The very activity again, as after a lost answer, while a person has changed the size meanwhile.
    await ask('/v1/fleets/once/resize', { size: 2, why: 'a person' })
    const activities = createActionActivities({
      temporal: world.client,
      store: world.store,
      clock: Date.now,
    })
    const server = await serverHas('d-once')
    await activities.performAction({ input: server!.input, firing: run.workflowId })
    expect((await fleet.query<FleetState>(FLEET_QUERIES.state)).desired).toBe(2)
    const rows = await world.store.audit.list({ target: 'fleet once' })
    expect(rows.filter(({ who }) => who === 'schedule d-once')).toEqual([
      expect.objectContaining({ what: 'resize size=0', requestId: run.workflowId }),
    ])
    await world.client.workflow.getHandle(fleetWorkflowId('once')).terminate('the test has ended')
  })

  it('fails, and says why, for a fleet that does not run', async () => {
    await apply('e-', [schedule('e-nobody', { do: { scale: { fleet: 'nobody', size: 3 } } })])
    await ask('/v1/schedules/e-nobody/trigger', { why: 'to see' })
    const run = await untilRun('e-nobody')
    expect(run).toMatchObject({
      outcome: 'failed',
      text: expect.stringContaining('fleet nobody does not run'),
    })
    const { json } = await ask<{ runs: object[] }>('/v1/schedules/e-nobody')
    expect(json.runs[0]).toMatchObject({ outcome: 'failed', text: run.text })
    const rows = await world.store.audit.list({ target: 'fleet nobody' })
    expect(rows.map(({ what }) => what).toReversed()).toEqual(['resize size=3', 'resize not done: not_found'])
  })

  it('rolls a fleet, or starts the one sweep of the installation', async () => {
    const fleet = await world.startFleet('rolled', 0)
    await apply('k-', [
      schedule('k-roll', { do: { roll: { fleet: 'rolled' } } }),
      schedule('k-sweep', { do: { sweep: {} } }),
    ])
    for (const name of ['k-roll', 'k-sweep']) await ask(`/v1/schedules/${name}/trigger`, { why: 'to see' })
    expect(await untilRun('k-roll')).toMatchObject({ outcome: 'ok', text: 'fleet rolled rolls its hosts' })
    const rolls = await world.store.audit.list({ target: 'fleet rolled' })
    const asked = rolls.filter(({ who }) => who !== 'fleet rolled')
    expect(asked.map(({ who, what }) => `${who}: ${what}`)).toEqual(['schedule k-roll: roll force=true'])
    expect(await untilRun('k-sweep')).toMatchObject({ outcome: 'ok', text: 'a sweep is under way' })
    const report = await world.client.workflow.getHandle(sweepWorkflowId(CONTROLLER)).result()
    expect(report).toMatchObject({ alarms: [] })
    const [row] = await world.store.audit.list({ target: `installation ${CONTROLLER}` })
    expect(row).toMatchObject({ who: 'schedule k-sweep', what: 'sweep' })
    await fleet.terminate('the test has ended')
  })

  it('comes, over a month that is backfilled, at the instants of nextTimes', async () => {
    const fleet = await world.startFleet('month', 0)
    const expression = '0 30 8,20 * * MON-FRI'
    const month = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }
    const timezone = 'America/New_York'
    const wanted = schedule('f-month', { expression, timezone, do: { scale: { fleet: 'month', size: 0 } } })
    await apply('f-', [wanted])
    const expected = nextTimes(expression, { timezone, from: month.from, count: 100 })
      .filter((time) => time.getTime() <= Date.parse(month.to))
      .map((time) => time.toISOString())
    const answer = await ask('/v1/schedules/f-month/backfill', {
      ...month,
      overlap: 'allowAll',
      why: 'to see',
    })
    expect(answer.json).toMatchObject({ firings: expected.length })
    const query = `TemporalScheduledById = "${scheduleId(CONTROLLER, 'f-month')}" AND ExecutionStatus = "Completed"`
    const found = await waitFor('all firings to be done', async () => {
      const times: string[] = []
      for await (const { searchAttributes } of world.client.workflow.list({ query })) {
        const [at] = (searchAttributes['TemporalScheduledStartTime'] ?? []) as Date[]
        if (at) times.push(at.toISOString())
      }
      return times.length >= expected.length && times.toSorted()
    })
    expect(found).toEqual(expected)
    expect((await serverHas('f-month'))?.counts).toMatchObject({ taken: expected.length })
    await fleet.terminate('the test has ended')
  })

  it('is skipped while the last one goes on', async () => {
    // Nobody answers for this fleet: its update waits, and so does the run.
    await world.client.workflow.start('hostWorkflow', {
      workflowId: fleetWorkflowId('stuck'),
      taskQueue: 'nobody',
    })
    await apply('g-', [
      schedule('g-skip', { expression: '*/1 * * * * *', do: { scale: { fleet: 'stuck', size: 1 } } }),
    ])
    await waitFor(
      'two firings to be skipped',
      async () => ((await serverHas('g-skip'))?.counts.skipped ?? 0) >= 2,
    )
    expect((await serverHas('g-skip'))?.counts.taken).toBe(1)
    await handleOf('g-skip').delete()
    await world.client.workflow.getHandle(fleetWorkflowId('stuck')).terminate('the test has ended')
  })
})

/** A server that can go and come back with all it knew. */
async function restartable({ onTestFinished }: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-schedules-'))
  const start = async (port: number) =>
    await startTemporalDevServer({
      cli: await findTemporalCli(),
      port,
      dbFile: join(folder, 'temporal.db'),
      headless: true,
      searchAttributes: SEARCH_ATTRIBUTES,
    })
  let server = await start(await restartPort())
  const connection = await Connection.connect({ address: server.address })
  onTestFinished(async () => {
    await connection.close()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    client: new Client({ connection }),
    stop: () => server.stop(),
    start: async () => void (server = await start(Number(server.address.split(':')[1]))),
  }
}

describe.concurrent('a firing that was missed (incident 18)', () => {
  it('is caught up within its time after the server was away, and not after that', async (context) => {
    const server = await restartable(context)
    const { client } = server
    const each = { expression: '* * * * * *', overlap: 'allowAll' as const }
    const wanted = [
      schedule('patient', { ...each, catchUpMs: 3_600_000 }),
      schedule('strict', { ...each, catchUpMs: 10_000 }),
    ]
    const { store } = world
    await carryOut({ client, store, scope: scope(), asker }, await planOf(client, wanted, scope()))
    const countsOf = async (name: string) => {
      const found = await describeSchedule(client, CONTROLLER, name).catch(() => undefined)
      return found?.counts
    }
    await waitFor('both to fire', async () => ((await countsOf('strict'))?.taken ?? 0) > 0)
    const begunAt = Date.now()
    await server.stop()
    await waitFor('the outage to last', () => Date.now() - begunAt > 12_500)
    await server.start()
    const missed = await waitFor(
      'the strict one to give some up',
      async () => (await countsOf('strict'))?.missed,
    )
    // Those of the last ten seconds are done by both, the others by the patient one alone.
    expect(missed).toBeGreaterThanOrEqual(1)
    expect(missed).toBeLessThanOrEqual((Date.now() - begunAt) / 1000 - 8)
    const patient = await waitFor('the patient one to be even', async () => {
      const counts = await countsOf('patient')
      return counts !== undefined && counts.taken >= (Date.now() - begunAt) / 1000 - 1 && counts
    })
    expect(patient.missed).toBe(0)
  })
})

describe.concurrent('people', () => {
  it('see words, next times and runs, and are told what they cannot do', async () => {
    await apply('h-', [schedule('h-shown', { expression: '0 0 20 * * *', note: 'evening' })])
    const { json } = await ask<Record<string, unknown>>('/v1/schedules/h-shown')
    expect(json).toMatchObject({
      cron: '0 0 20 * * *',
      words: 'every day at 20:00:00 Asia/Shanghai',
      does: 'scale fleet render to 1 host',
      note: 'evening',
      paused: false,
      runs: [],
    })
    const from = Date.now()
    const next = nextTimes('0 0 20 * * *', { timezone: 'Asia/Shanghai', from, count: 5 })
    expect(json['next']).toEqual(next.map((time) => time.toISOString()))
    const description = await handleOf('h-shown').describe()
    expect(description.info.nextActionTimes.slice(0, 5)).toEqual(next)
    expect((await ask('/v1/schedules/nope')).status).toBe(404)
    expect((await ask('/v1/schedules/nope/pause', { why: 'x' })).status).toBe(404)
    expect((await ask('/v1/schedules/h-shown/pause', {})).status).toBe(400)
    const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', why: 'x' }
    expect(await ask('/v1/schedules/h-shown/backfill', span)).toMatchObject({
      status: 400,
      json: { error: { message: expect.stringContaining('no firing') } },
    })
    const years = { ...span, to: '2036-01-01T00:00:00Z' }
    expect((await ask('/v1/schedules/h-shown/backfill', years)).json).toMatchObject({
      error: { message: expect.stringContaining('more than 1000 firings') },
    })
  })

  it('are told in one line what to do when the namespace is missing or Temporal is away', async () => {
    const { connection } = world.temporal
    const nowhere = new Client({ connection, namespace: 'nowhere' })
    const setUp = 'it has no namespace nowhere; make it with muster temporal setup --namespace nowhere'
    await expect(scheduleNames(nowhere, CONTROLLER)).rejects.toThrow(
      `Temporal did not list the schedules: ${setUp}`,
    )
    await expect(describeSchedule(nowhere, CONTROLLER, 'x')).rejects.toThrow(setUp)
    const away = Connection.lazy({ address: `127.0.0.1:${await restartPort()}` })
    const startedAt = Date.now()
    const client = new Client({ connection: away })
    const wish = { workflowId: 'fleet/x', target: 'fleet x', name: 'resize', payload: {}, updateId: 'u' }
    await Promise.all([
      expect(scheduleNames(client, CONTROLLER)).rejects.toThrow(
        'Temporal did not list the schedules: it does not answer; see that it runs, and try again',
      ),
      expect(sendUpdate(client, wish, () => undefined)).rejects.toThrow(
        'Temporal did not take resize for fleet x: see that it runs, and try again',
      ),
    ])
    // Before our own command gives up waiting for the API and blames that.
    expect(Date.now() - startedAt).toBeLessThan(14_000)
    await away.close()
  })

  it('change schedules on the dashboard, by forms of their own session alone', async () => {
    await apply('i-', [schedule('i-page', { note: '<b>bold</b>' })])
    const cookie = await logIn(world.api.url, OPERATOR_TOKEN)
    const open = async () => await fetch(`${world.api.url}/schedules`, { headers: { cookie } })
    const page = await waitFor('the page to have it', async () => {
      const text = await (await open()).text()
      return text.includes('i-page') && text
    })
    expect(page).toContain('on day 1 of January at 03:00:00 Asia/Shanghai')
    expect(page).toContain('&lt;b&gt;bold&lt;/b&gt;')
    const form = page.slice(page.indexOf('action="/schedules/i-page/pause"'))
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? ''
    const send = async (fields: Record<string, string>) =>
      await fetch(`${world.api.url}/schedules/i-page/pause`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, origin: world.api.url },
        body: new URLSearchParams(fields),
      })
    const fields = { form: field('form'), key: field('key'), why: 'holiday' }
    expect((await send({ ...fields, form: 'guess' })).status).toBe(403)
    expect((await serverHas('i-page'))?.isPaused).toBe(false)
    const sent = await send(fields)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/schedules?done=schedule-pause'])
    expect(await serverHas('i-page')).toMatchObject({ isPaused: true, stateNote: 'paused by dev: holiday' })
    expect(await (await open()).text()).toContain('paused by dev: holiday')
    expect((await fetch(`${world.api.url}/schedules`)).status).toBe(401)
  })

  it('who may only look change nothing', async () => {
    await apply('j-', [schedule('j-kept')])
    const token = 'a-viewer-of-these-tests'
    const hash = createHash('sha256').update(token).digest('hex')
    await world.store.tokens.add({ hash, name: 'vic', role: 'viewer', createdAt: 1 })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const url = `${world.api.url}/v1/schedules/j-kept`
    expect((await fetch(url, { headers })).status).toBe(200)
    for (const kind of ['pause', 'resume', 'trigger', 'backfill']) {
      const body = JSON.stringify({ why: 'x' })
      expect((await fetch(`${url}/${kind}`, { method: 'POST', headers, body })).status).toBe(403)
    }
    const page = await fetch(`${world.api.url}/schedules`, {
      headers: { cookie: await logIn(world.api.url, token) },
    })
    expect(await page.text()).not.toContain('action="/schedules')
    expect(await serverHas('j-kept')).toMatchObject({ isPaused: false, counts: { taken: 0 } })
  })
})
