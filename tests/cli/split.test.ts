import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import type { FleetAnswer, FleetList, HostPage, HostView, Journal } from '../../cli/client/answers.ts'
import type { FleetChange } from '../../cli/stack/fleets.ts'
import { connectClient } from '../../cli/stack/temporal.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { launchQueue } from '../../domain/queues.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { restartPort } from '../support/restart-port.ts'
import {
  askMuster,
  createPlace,
  getJson,
  runMuster,
  startMuster,
  untilNothingRuns,
  type Muster,
  type Place,
} from './muster.ts'
import { postgresDatabase } from './postgres-database.ts'

/** As `DescribeWorkflowExecution` numbers it. */
const STARTED = 2
/** As `DescribeTaskQueue` numbers it. */
const ACTIVITIES = 2
const NAMESPACE = 'farm'
const IN_HANGZHOU = { zone: 'cn-hangzhou-g', vSwitch: 'vsw-bp1default0000000000g' }
const IN_SHANGHAI = { zone: 'cn-shanghai-b', vSwitch: 'vsw-uf6default0000000000b' }
const SECRET = {
  FARM_KEY_K1: 'enrollment-secret-of-the-whole-farm',
  FARM_KEY_K2: 'the-next-enrollment-secret-of-the-farm',
}

interface EmulatorUp {
  url: string
  endpoint: string
  adminUrl: string
}

interface Farm {
  place: Place
  temporal: string
  emulator: EmulatorUp
  api: string
  config: (changes?: Changes) => string
}

interface Changes {
  region?: string
  placement?: { zone: string; vSwitch: string }
  size?: number
  image?: string
  postgres?: boolean
  /** The current one first. */
  keys?: ('k1' | 'k2')[]
}

/** A Temporal server that knows nothing of Muster, an emulated cloud, and a config that names both. */
async function createFarm(): Promise<Farm> {
  const place = await createPlace()
  const server = await startTemporalDevServer({
    cli: await findTemporalCli(),
    headless: true,
    searchAttributes: {},
  })
  onTestFinished(() => server.stop())
  const emulator = await startMuster(place, ['emulator', '--port', '0', '--json']).ready<EmulatorUp>()
  const api = `127.0.0.1:${await restartPort()}`
  const config = (changes: Changes = {}) => {
    const file = join(place.folder, 'farm.yaml')
    writeFileSync(file, JSON.stringify(configOf(server.address, emulator.endpoint, api, changes)))
    return file
  }
  return { place, temporal: server.address, emulator, api: `http://${api}`, config }
}

/** JSON is YAML too. */
function configOf(temporal: string, endpoint: string, api: string, changes: Changes) {
  const {
    region = 'cn-hangzhou',
    placement = IN_HANGZHOU,
    size = 1,
    image,
    postgres,
    keys = ['k1'],
  } = changes
  return {
    controller: 'farm',
    temporal: { address: temporal, namespace: NAMESPACE },
    cloud: { kind: 'emulator', endpoint, region },
    store: postgres ? { postgresUrlEnv: 'FARM_DATABASE' } : { sqlite: 'farm.db' },
    api: {
      listen: api,
      publicUrl: `http://${api}`,
      keys: keys.map((id) => ({ id, secretEnv: `FARM_KEY_${id.toUpperCase()}` })),
    },
    fleets: {
      render: {
        size,
        hosts: {
          image: image ?? 'm-bp1linux0000000000000',
          placements: [{ ...placement, type: 'ecs.g7.large' }],
          securityGroups: ['sg-bp1default00000000000'],
          heartbeat: { every: '1s', timeout: '60s' },
        },
      },
    },
  }
}

let processes: Muster[] = []
afterEach(() => {
  for (const one of processes) one.signal('SIGKILL')
  processes = []
})

function start(place: Place, args: string[], env: Record<string, string> = SECRET): Muster {
  const one = startMuster(place, args, { env })
  processes.push(one)
  return one
}

const untilReady = (api: string, token: string, count: number): Promise<HostView[]> =>
  waitFor(
    `${count} hosts to be ready`,
    async () => {
      const { hosts } = await getJson<HostPage>(api, '/v1/hosts?phase=ready', token)
      return hosts.length >= count && hosts
    },
    { timeoutMs: 40_000 },
  )

/** Waits until a worker has this launch in its hands. */
async function untilLaunching(temporal: string, host: string): Promise<void> {
  const connection = await connectClient({ address: temporal })
  onTestFinished(() => connection.close())
  const handle = new Client({ connection, namespace: NAMESPACE }).workflow.getHandle(hostWorkflowId(host))
  await waitFor(`the launch of ${host} to run`, async () => {
    const { raw } = await handle.describe().catch(() => ({ raw: undefined }))
    return raw?.pendingActivities?.some(
      ({ activityType, state }) => activityType?.name === 'launchInstance' && Number(state) === STARTED,
    )
  })
}

/** How the tries of one activity of a host ended, by its history. */
async function historyOf(temporal: string, host: string): Promise<string[]> {
  const connection = await connectClient({ address: temporal })
  onTestFinished(() => connection.close())
  const handle = new Client({ connection, namespace: NAMESPACE }).workflow.getHandle(hostWorkflowId(host))
  const { events = [] } = await handle.fetchHistory()
  const scheduled = events?.find(
    ({ activityTaskScheduledEventAttributes: facts }) => facts?.activityType?.name === 'launchInstance',
  )
  return (events ?? []).flatMap(
    ({ activityTaskStartedEventAttributes: begun, activityTaskCompletedEventAttributes: done }) => [
      ...(begun && String(begun.scheduledEventId) === String(scheduled?.eventId)
        ? [`try ${begun.attempt}`]
        : []),
      ...(done && String(done.scheduledEventId) === String(scheduled?.eventId) ? ['completed'] : []),
    ],
  )
}

/** The sum of a counter over its labels, in Prometheus' text. */
function counter(text: string, name: string): number {
  const rows = text.split('\n').filter((row) => row.startsWith(name))
  return rows.reduce((sum, row) => sum + Number(row.split(' ').at(-1)), 0)
}

/** Launches a second that the server lets the region's queue dispatch. */
async function launchLimit(temporal: string): Promise<number | null | undefined> {
  const connection = await connectClient({ address: temporal })
  onTestFinished(() => connection.close())
  const { effectiveRateLimit } = await connection.workflowService.describeTaskQueue({
    namespace: NAMESPACE,
    taskQueue: { name: launchQueue('cn-hangzhou') },
    taskQueueType: ACTIVITIES,
    reportConfig: true,
  })
  return effectiveRateLimit?.requestsPerSecond
}

test('an installation of several processes: set up, start, apply, ask, and end in order', async () => {
  const { place, temporal, emulator, api, config } = await createFarm()
  // The second key is only known so far: launches are signed with the first.
  const file = config({ keys: ['k1', 'k2'] })

  const early = await runMuster(place, ['worker', '--config', file], { env: SECRET })
  expect(early.code).toBe(1)
  expect(early.stderr).toContain(
    `has no namespace "farm"; run: muster temporal setup --address ${temporal} --namespace farm`,
  )
  const setup = ['temporal', 'setup', '--address', temporal, '--namespace', NAMESPACE]
  expect(await askMuster(place, setup)).toMatchObject({ namespace: 'created', there: [] })
  expect(await askMuster(place, setup)).toMatchObject({ namespace: 'there', added: [] })

  const worker = start(place, ['worker', '--config', file, '--json'])
  // What is for clients gives nobody a right here.
  const leaked = 'a-token-of-somebody-who-only-looks'
  const apiProcess = start(place, ['api', '--config', file, '--json'], {
    ...SECRET,
    MUSTER_API_TOKEN: leaked,
  })
  expect(await worker.ready()).toMatchObject({ ok: true, namespace: NAMESPACE })
  expect(await apiProcess.ready()).toEqual({ ok: true, url: api })

  type Applied = { fleets: FleetChange[] }
  const apply = (...more: string[]) =>
    askMuster<Applied>(place, ['apply', '--config', file, ...more], { env: SECRET })
  expect((await apply('--dry-run')).fleets).toMatchObject([{ fleet: 'render', outcome: 'started' }])
  expect((await apply()).fleets).toMatchObject([{ fleet: 'render', outcome: 'started', size: 1 }])
  expect((await apply()).fleets).toMatchObject([{ outcome: 'unchanged', size: 1 }])

  expect((await runMuster(place, ['hosts', '--api', api, '--token', leaked])).code).toBe(1)
  const stranger = await runMuster(place, ['hosts', '--api', api])
  expect(stranger).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('say --token, or MUSTER_API_TOKEN'),
  })
  const added = ['tokens', 'add', 'ann', '--role', 'operator', '--config', file]
  const { token } = await askMuster<{ token: string }>(place, added)
  const env = { MUSTER_API_URL: api, MUSTER_API_TOKEN: token }
  await untilReady(api, token, 1)

  // A launch that takes its time, and a worker that is told to end in the middle of it.
  const slow = { action: 'RunInstances', effect: { type: 'delay', ms: 3_000 } }
  await fetch(`${emulator.adminUrl}faults`, { method: 'POST', body: JSON.stringify(slow) })
  await askMuster<FleetAnswer>(place, ['fleets', 'resize', 'render', '2', '--why', 'evening'], { env })
  await untilLaunching(temporal, 'render/00002')
  const end = await worker.end('SIGTERM')
  expect(end.code).toBe(0)
  expect(end.stderr).toContain('running activities are finished first')

  const metrics = `127.0.0.1:${await restartPort()}`
  const limits = { MUSTER_LAUNCHES_PER_SECOND: '7', MUSTER_CACHED_WORKFLOWS: '2' }
  const next = start(place, ['worker', '--config', file, '--metrics', metrics, '--json'], {
    ...SECRET,
    ...limits,
  })
  await next.ready()
  await untilReady(api, token, 2)
  expect(await launchLimit(temporal)).toBe(7)
  expect(await historyOf(temporal, 'render/00002')).toEqual(['try 1', 'completed'])

  config({ image: 'm-bp1windows00000000000', size: 5, keys: ['k2', 'k1'] })
  const changed = { outcome: 'changed', size: 2, configSize: 5 }
  const change = [
    { field: 'imageId', from: 'm-bp1linux0000000000000', to: 'm-bp1windows00000000000' },
    { field: 'api.keyId', from: 'k1', to: 'k2' },
  ]
  expect((await apply('--dry-run')).fleets).toMatchObject([{ ...changed, changes: change }])
  expect((await apply('--why', 'new image')).fleets).toMatchObject([{ ...changed, changes: change }])
  expect((await apply()).fleets).toMatchObject([{ outcome: 'unchanged', changes: [] }])
  config({ image: 'm-bp1windows00000000000', size: 1, keys: ['k2'] })
  expect((await runMuster(place, ['apply', '--config', file], { env: SECRET })).stderr).toMatch(
    /nobody has agreed to this:\n {2}2 hosts were launched with enrollment key k1,/,
  )
  expect((await apply('--size', '--yes')).fleets).toMatchObject([{ outcome: 'changed', size: 1 }])
  await waitFor('one host to be wanted', async () => {
    const { fleets } = await getJson<FleetList>(api, '/v1/fleets', token)
    return fleets[0]?.desired === 1
  })
  const left = await waitFor('one host to be left', async () => {
    const { hosts } = await getJson<HostPage>(api, '/v1/hosts', token)
    return hosts.length === 1 && hosts[0]
  })
  // A fleet and two hosts had something to do, and there is room for two.
  await waitFor('a workflow to leave the cache', async () => {
    const measured = await (await fetch(`http://${metrics}/metrics`)).text()
    return counter(measured, 'temporal_sticky_cache_total_forced_eviction') > 0
  })
  const { events } = await askMuster<Journal>(place, ['hosts', 'journal', 'render/00001'], { env })
  expect(events.map(({ kind }) => kind).slice(0, 3)).toEqual(['born', 'planned', 'launched'])

  // The config goes on to another region: whoever works by it still deletes what is in the one before.
  expect((await next.end('SIGTERM')).code).toBe(0)
  config({ region: 'cn-shanghai', placement: IN_SHANGHAI, keys: ['k2'] })
  const moved = start(place, ['worker', '--config', file, '--json'])
  expect(await moved.ready()).toMatchObject({ regions: ['cn-shanghai', 'cn-hangzhou'] })
  // It works all the same, and what is launched by now is signed with the key that is left.
  const told = moved.stderr.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(told.find(({ keyId }) => keyId === 'k1')).toMatchObject({ level: 50, hosts: 1 })
  const replaced = await fetch(`${api}/v1/hosts/${left.host}/replace`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ why: 'its key', drain: false }),
  })
  expect(replaced.status).toBe(200)
  await waitFor('the host to be launched with the new key', async () => {
    const { hosts } = await getJson<HostPage>(api, '/v1/hosts?phase=ready', token)
    return hosts[0]?.keyId === 'k2'
  })
  expect((await runMuster(place, ['check', '--config', file], { env: SECRET })).stdout).toMatch(
    /ok +enrollment keys/,
  )
  await askMuster<FleetAnswer>(place, ['fleets', 'resize', 'render', '0', '--why', 'moving'], { env })
  await waitFor('the former region to be empty', async () => {
    const { instances } = await getJson<{ instances: unknown[] }>(emulator.url, '/_emulator/state', token)
    return instances.length === 0
  })

  const ends = await Promise.all([moved, apiProcess].map((one) => one.end('SIGTERM')))
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
})

/** PostgreSQL where the tests have it, else the stack's own file. */
test('dev uses a Temporal, a cloud and a database that run already, and leaves them alone', async () => {
  const { place, temporal, config } = await createFarm()
  const database = await postgresDatabase()
  const env = { ...SECRET, ...(database && { FARM_DATABASE: database.url }) }
  const file = config({ postgres: database !== undefined })
  const args = ['dev', '--config', file, '--state', 'state', '--json']
  const refused = await runMuster(place, args, { env })
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('run: muster temporal setup') })

  await askMuster(place, ['temporal', 'setup', '--address', temporal, '--namespace', NAMESPACE])
  const stack = start(place, args, env)
  const { links, token } = await stack.ready<{ links: Record<string, string>; token: string }>()
  expect(links).toMatchObject({ temporal })
  expect(links['emulator']).toBeUndefined()
  await untilReady(links['api'] ?? '', token, 1)
  expect((await stack.end('SIGINT')).code).toBe(0)
  const connection = await connectClient({ address: temporal }, 2_000)
  await connection.close()
  // Where the stack has kept its host.
  expect(database ? await database.count('hosts') : 1).toBe(1)
})

test('the emulator ends on SIGTERM with its machines and leaves no file', async () => {
  const place = await createPlace()
  const emulator = start(place, ['emulator', '--port', '0', '--json'])
  const { url } = await emulator.ready<EmulatorUp>()
  expect((await fetch(`${url}/_emulator/state`)).status).toBe(200)
  expect((await emulator.end('SIGTERM')).code).toBe(0)
  await untilNothingRuns(place)
  expect(readdirSync(place.folder)).toEqual([])
})
