import { randomUUID } from 'node:crypto'
import { WorkflowFailedError } from '@temporalio/client'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { StatuspagePart } from '../../activities/statuspage/index.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_BREAKER_RULES, type BreakerRules } from '../../domain/breaker/rules.ts'
import { fleetWorkflowId, reportWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { actionWorkflowId } from '../../domain/schedules/ids.ts'
import type { ActionInput, ActionOutcome } from '../../domain/schedules/types.ts'
import type { HostState } from '../../domain/host/types.ts'
import type { ReportOutcome } from '../../domain/status/report.ts'
import type { FaultInput } from '../../emulator/index.ts'
import { beatingAgents } from '../support/hand-agent.ts'
import { CONTROLLER } from '../support/names.ts'
import { textsIn } from '../support/texts-in.ts'
import { skipWorkflow } from '../support/time.ts'
import { createWorld, type World } from '../support/world.ts'
import { writeFleet } from '../support/write-fleet.ts'
import { innermostError } from '../../domain/innermost-error.ts'

const KEY = 'planted-key-of-the-status-page'
const IMAGE = 'm-bp1linux0000000000000'
const TYPE = 'ecs.c7.large'
const RULES: BreakerRules = { ...DEFAULT_BREAKER_RULES, failures: 2 }
/** A host that a hold stops asks again within two minutes of its own time. */
const LOOKED_MS = 121_000
const ASKED = { by: 'test', why: 'to tell' }

let world: World
/** Each test has a page of its own: what one of them leaves there is nobody else's. */
let page: { id: string; parts: { held: string; frozen: string; written: string } }
const logLines: string[] = []

beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line) => void logLines.push(line) })
  world = await createWorld({
    server: 'dev',
    cloudGridMs: 50,
    visibleAfterMs: 300,
    fleetLookEveryMs: 500,
    log,
  })
  page = { id: 'none', parts: { held: '', frozen: '', written: '' } }
  part = partOf({})
  await world.startWorkers({ breaker: () => RULES, statuspage: part })
})
afterAll(() => world?.close())

let pages = 0
beforeEach(async () => {
  const n = ++pages
  page = { id: `page${n}`, parts: { held: `held${n}`, frozen: `frozen${n}`, written: `written${n}` } }
  const components = Object.entries(page.parts).map(([name, id]) => ({ id, name }))
  world.emulator.seed({ statuspage: { requestsPerMinute: 10_000, pages: [{ id: page.id, components }] } })
  pageIs({})
})
afterEach(() => world.emulator.cloud.faults.clear())

const partOf = (changes: Partial<StatuspagePart>): StatuspagePart => ({
  endpoint: world.emulator.statuspage.endpoint,
  pageId: page.id,
  key: world.emulator.statuspage.key,
  apiKeyEnv: 'STATUSPAGE_KEY',
  components: page.parts,
  incidents: { holds: true, freezes: true },
  notify: false,
  // Shorter than outside: answers of an emulator come at once.
  timeoutMs: 1_000,
  spacingMs: 0,
  unclearMs: 1_000,
  retryMs: 100,
  ...changes,
})

/** What the worker goes by. It changes in its hands: a new worker for every test would take most of their time. */
let part: StatuspagePart
const pageIs = (changes: Partial<StatuspagePart>) => Object.assign(part, partOf(changes))

const startReport = () =>
  world.client.workflow.start(WORKFLOWS.report, {
    workflowId: reportWorkflowId(CONTROLLER),
    taskQueue: MUSTER_QUEUE,
    args: [{ controller: CONTROLLER, ...ASKED }],
  })
const report = async () => (await (await startReport()).result()) as ReportOutcome

const state = () => world.emulator.statuspage.state
const incidents = () => state().incidents(page.id)
const unresolved = () => incidents().filter(({ status }) => status !== 'resolved')
const statusOf = (part: keyof typeof page.parts) => state().component(page.id, page.parts[part])?.status
const fault = (action: string, effect: FaultInput['effect'], count = 1) =>
  world.emulator.addFault({ action: `statuspage.${action}`, effect, count })

const writeWritten = (isFrozen: boolean) => writeFleet(world.store, 'written', isFrozen)

describe('a report', () => {
  it('incident 13: opens one incident for boots that fail, tells it again when a probe fails, and resolves it when one succeeds', async () => {
    world.emulator.addFault({ match: { zoneId: 'cn-hangzhou-h' }, effect: { type: 'muteAgent' } })
    const placement = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-bp1default0000000000h', instanceType: TYPE }
    const fleet = await world.startFleet('held', 2, {
      placements: [placement],
      bootTimeoutMs: 2_000,
      runningTimeoutMs: 1_500,
      backoff: { initialMs: 100, maxMs: 100 },
    })
    const hosts = ['held/00001', 'held/00002']
    const made = () => hosts.flatMap((host) => world.launches(host)).length
    const holds = () => world.store.holds.list({}, Date.now())
    const stepNos = await held(hosts)
    const [hold, ...more] = await holds()
    expect(more).toEqual([])
    const madeBefore = made()
    await waitFor('the fleet to be known', () => world.store.fleets.get('held'))

    expect(await report()).toMatchObject({ opened: [expect.stringMatching(`^hold/${hold?.id}/`)], open: 1 })
    const told = {
      name: `New hosts with image ${IMAGE} on ${TYPE} in cn-hangzhou-h do not start`,
      status: 'investigating',
      impactOverride: 'minor',
      componentIds: [page.parts.held],
      metadata: { muster: { controller: CONTROLLER, subject: expect.stringMatching(/^hold\//) } },
    }
    expect(incidents()).toMatchObject([told])
    expect(incidents()[0]?.updates).toMatchObject([
      { body: expect.stringContaining('Affected fleet: held.'), deliverNotifications: false },
    ])
    expect(statusOf('held')).toBe('degraded_performance')
    expect(statusOf('frozen')).toBe('operational')

    await Promise.all(hosts.map((host) => world.skipHost(host, LOOKED_MS)))
    const asked = await held(hosts, stepNos)
    expect([made(), world.instances()], 'nothing is made').toEqual([madeBefore, []])
    expect(await report(), 'the same again is nothing').toMatchObject({ opened: [], updated: [], open: 1 })
    expect(incidents()[0]?.updates).toHaveLength(1)

    skipCoolDown(1)
    await Promise.all(hosts.map((host) => world.skipHost(host, LOOKED_MS)))
    await waitFor('a probe to fail', async () => (await holds())[0]?.failedProbes === 1)
    await held(hosts, asked)
    expect(made(), 'one probes').toBe(madeBefore + 1)
    expect(await report()).toMatchObject({ opened: [], updated: [expect.stringMatching(/^hold\//)], open: 1 })
    expect(incidents()).toMatchObject([told])
    expect(incidents()[0]?.updates.map(({ body }) => body.includes('One host was started'))).toEqual([
      true,
      false,
    ])

    world.emulator.cloud.faults.clear()
    skipCoolDown(2)
    await Promise.all(hosts.map((host) => world.skipHost(host, LOOKED_MS)))
    await waitFor('a success to close the hold', async () => (await holds()).length === 0)
    expect(await report()).toMatchObject({ resolved: [expect.stringMatching(/^hold\//)], open: 0 })
    expect(incidents()).toMatchObject([{ ...told, status: 'resolved' }])
    expect(statusOf('held')).toBe('operational')
    const audit = await world.store.audit.list({ target: `hold ${hold?.id}` })
    expect(audit.map(({ who, what }) => `${who} ${what.split(' ')[0]}`)).toEqual([
      'report resolves',
      'muster closes',
      'muster the',
      'report opens',
      'muster opens',
    ])
    await endFleet(fleet, 'held')
  })

  it('opens one incident for a fleet that is frozen, and resolves it when its hosts are heard again', async () => {
    world.emulator.addFault({ match: { host: 'frozen/*' }, effect: { type: 'noAgent' } })
    const spec = { heartbeatSeconds: 1, heartbeatTimeoutMs: 2_000, silentGraceMs: 600_000 }
    const fleet = await world.startFleet('frozen', 4, spec)
    const hosts = [1, 2, 3, 4].map((slot) => `frozen/0000${slot}`)
    const agents = await beatingAgents(world, hosts)
    await Promise.all(hosts.map((host) => world.until(host, 'ready')))
    for (const agent of agents) agent.stopBeating()
    const frozen = async () => (await world.store.fleets.get('frozen'))?.status?.frozen
    await waitFor('the fleet to be frozen', async () => (await frozen())?.silent === 4)

    await report()
    expect(await report()).toMatchObject({ opened: [], updated: [], open: 1 })
    expect(incidents()).toMatchObject([
      { name: 'All hosts of fleet frozen are silent', impactOverride: 'critical', status: 'investigating' },
    ])
    expect(statusOf('frozen')).toBe('major_outage')

    for (const agent of agents) agent.keepBeating()
    await Promise.all(hosts.map((host) => world.until(host, 'ready')))
    // A frozen fleet looks twice a minute.
    await skipWorkflow(world.client, fleetWorkflowId('frozen'), 31_000)
    await waitFor('the fleet to go on', async () => (await frozen()) === undefined)
    await report()
    expect(incidents()).toMatchObject([{ status: 'resolved' }])
    expect(statusOf('frozen')).toBe('operational')
    for (const agent of agents) agent.stopBeating()
    await endFleet(fleet, 'frozen')
  })

  /** Each of them waits because of a hold, and has asked again since. */
  const held = (hosts: string[], before: number[] = []): Promise<number[]> =>
    Promise.all(
      hosts.map(async (host, i) => {
        const isHeld = ({ waitReason, stepNo }: HostState) =>
          /is held/.test(waitReason ?? '') && stepNo > (before[i] ?? 0)
        return (await world.when(host, 'to be held', isHeld)).stepNo
      }),
    )

  /** For this test alone: the clock of the workers goes back with its end. */
  function skipCoolDown(times: number): void {
    world.skipClock(times * RULES.coolDownMs)
    onTestFinished(() => world.skipClock(-times * RULES.coolDownMs))
  }

  async function endFleet(fleet: { terminate(why: string): Promise<unknown> }, name: string): Promise<void> {
    await fleet.terminate('the test has ended')
    for (const { host } of await world.store.hosts.list({ fleet: name })) {
      await world.handle(host).terminate('the test has ended')
    }
    const row = await world.store.fleets.get(name)
    if (row) await world.store.fleets.record({ ...row, specHash: 'none' })
  }
})

describe('an incident is there once', () => {
  it.each<[string, FaultInput['effect'], number]>([
    ['done, and its answer lost', { type: 'resetAfter' }, 1],
    ['done, and never answered', { type: 'hang', when: 'after' }, 1],
    ['lost on its way', { type: 'resetBefore' }, 1],
    ['answered 500, twice', { type: 'error', code: 'Broken', httpStatus: 500 }, 2],
    ['answered by a proxy', { type: 'htmlBody', status: 502 }, 1],
    ['one too many in the minute', { type: 'throttle' }, 1],
  ])('though the call was %s', async (_what, effect, count) => {
    await writeWritten(true)
    fault('createIncident', effect, count)
    await report()
    expect(incidents()).toHaveLength(1)
    expect(statusOf('written')).toBe('major_outage')
    for (const action of ['updateIncident', 'updateComponent']) fault(action, effect, count)
    await writeWritten(false)
    await report()
    expect(unresolved()).toEqual([])
    expect(incidents()).toHaveLength(1)
    expect(statusOf('written')).toBe('operational')
    const ours = await world.store.audit.list({ target: 'fleet written', who: 'report', limit: 2 })
    expect(ours.map(({ what }) => what)).toEqual([
      `resolves incident ${incidents()[0]?.id}`,
      `opens incident ${incidents()[0]?.id}`,
    ])
  })

  it('though the worker died before it could note the answer, and though the store was lost', async () => {
    await writeWritten(true)
    const subject = `freeze/written@${new Date().toISOString()}`
    const response = await fetch(`${world.emulator.statuspage.endpoint}/pages/${page.id}/incidents`, {
      method: 'POST',
      headers: {
        authorization: `OAuth ${world.emulator.statuspage.key}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        incident: {
          name: 'ours',
          body: 'old words',
          metadata: { muster: { controller: CONTROLLER, subject } },
        },
      }),
    })
    expect(response.status).toBe(201)
    await report()
    expect(incidents()).toHaveLength(1)
    expect(incidents()[0]?.updates[0]?.body).toContain('all hosts of fleet written have not reported')
    await writeWritten(false)
    await report()
    expect(unresolved()).toEqual([])
  })

  it('and those of people and of other installations are left alone', async () => {
    await writeWritten(false)
    const post = (incident: object) =>
      fetch(`${world.emulator.statuspage.endpoint}/pages/${page.id}/incidents`, {
        method: 'POST',
        headers: {
          authorization: `OAuth ${world.emulator.statuspage.key}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ incident }),
      })
    await post({ name: 'by a person' })
    await post({ name: 'elsewhere', metadata: { muster: { controller: 'other', subject: 'freeze/x@y' } } })
    await report()
    expect(unresolved().map(({ name }) => name)).toEqual(['elsewhere', 'by a person'])
  })

  it('and one that a person has ended is not opened again while it goes on', async () => {
    await writeWritten(true)
    await report()
    const [one] = incidents()
    if (one) state().putIncident({ ...one, status: 'resolved' })
    expect(await report()).toMatchObject({ dismissed: [expect.stringContaining('freeze/written')], open: 0 })
    expect(await report()).toMatchObject({ opened: [], dismissed: [] })
    expect(incidents()).toHaveLength(1)
    await writeWritten(false)
    await report()
    await writeWritten(true)
    await report()
    expect(unresolved()).toHaveLength(1)
    await writeWritten(false)
    await report()
  })
})

describe('a page that refuses is an alarm in words', () => {
  const failureOf = async (): Promise<string> => {
    const handle = await startReport()
    try {
      await handle.result()
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error
      return innermostError(error).message
    }
    throw new Error('the report was made, though it should have failed')
  }

  it('whose key stands in no history and no log; nothing is lost', async () => {
    await writeWritten(true)
    pageIs({ key: KEY })
    const words = await failureOf()
    expect(words).toMatch(
      /^Statuspage refuses the API key in STATUSPAGE_KEY \(statuspage\.apiKeyEnv\): put a valid one there/,
    )
    const scheduled = await actionOutcome().catch((error: unknown) => error)
    expect(scheduled).toBeInstanceOf(WorkflowFailedError)
    const handles = [
      world.client.workflow.getHandle(reportWorkflowId(CONTROLLER)),
      world.client.workflow.getHandle(lastAction),
    ]
    const histories = await Promise.all(handles.map(async (handle) => textsIn(await handle.fetchHistory())))
    expect(histories.join('')).toContain('Statuspage refuses the API key in STATUSPAGE_KEY')
    // Payloads were read as well.
    for (const history of histories) expect(history).toContain(`"controller":"${CONTROLLER}"`)
    for (const history of histories) expect(history).not.toContain(KEY)
    expect(logLines.join('')).toContain('Statuspage refuses the API key')
    expect(logLines.join('')).not.toContain(KEY)
    expect(JSON.stringify(world.emulator.recorder.calls())).not.toContain(KEY)

    pageIs({})
    expect(await report()).toMatchObject({ open: 1 })
    await writeWritten(false)
    await report()
  })

  it('when there is no such page', async () => {
    pageIs({ pageId: 'nowhere' })
    expect(await failureOf()).toMatch(/^Statuspage has no page nowhere for the API key in STATUSPAGE_KEY/)
  })

  it('when there is no such component, and everything else is told all the same', async () => {
    await writeWritten(true)
    pageIs({ components: { ...page.parts, written: 'nowhere' } })
    expect(await failureOf()).toMatch(
      /^page page\d+ has no component nowhere: correct statuspage\.components\.written/,
    )
    expect(unresolved()).toMatchObject([{ name: 'All hosts of fleet written are silent', componentIds: [] }])
    pageIs({})
    await writeWritten(false)
    await report()
    expect(unresolved()).toEqual([])
  })

  it('and a worker without the section says so', async () => {
    await world.startWorkers({ breaker: () => RULES })
    onTestFinished(() => world.startWorkers({ breaker: () => RULES, statuspage: part }))
    expect(await failureOf()).toMatch(/^this worker's config has no section statuspage/)
  })
})

let lastAction = ''
/** One firing of a schedule, as the server would start it. */
async function actionOutcome(): Promise<ActionOutcome> {
  lastAction = `${actionWorkflowId('tell')}-${randomUUID()}`
  const input: ActionInput = {
    schedule: 'tell',
    expression: '@every 1m',
    timezone: 'UTC',
    dialect: 'robfig-v1',
    anchor: '2026-01-01T00:00:00Z',
    do: { report: {} },
    scope: { controller: CONTROLLER, namespaceId: world.temporal.namespaceId, region: 'cn-hangzhou' },
  }
  return (await world.client.workflow.execute(WORKFLOWS.action, {
    workflowId: lastAction,
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })) as ActionOutcome
}

it('a firing of a schedule tells what was reported', async () => {
  await writeWritten(true)
  expect(await actionOutcome()).toMatchObject({
    schedule: 'tell',
    did: 'Statuspage agrees: 1 incident open (1 opened, 1 component status changed)',
  })
  await writeWritten(false)
  expect((await actionOutcome()).did).toBe(
    'Statuspage agrees: no incident open (1 resolved, 1 component status changed)',
  )
  expect((await actionOutcome()).did).toBe('Statuspage agrees: no incident open')
})

it('with incidents switched off components follow all the same', async () => {
  pageIs({ incidents: { holds: false, freezes: false } })
  await writeWritten(true)
  await report()
  expect([incidents().length, statusOf('written')]).toEqual([0, 'major_outage'])
  await writeWritten(false)
  await report()
  expect(statusOf('written')).toBe('operational')
})

it('who wants subscribers told has them told of beginning and end', async () => {
  pageIs({ notify: true })
  await writeWritten(true)
  await report()
  await writeWritten(false)
  await report()
  expect(incidents()[0]?.updates.map(({ deliverNotifications }) => deliverNotifications)).toEqual([
    true,
    true,
  ])
})
