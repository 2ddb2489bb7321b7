import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi, type RunningApi } from '../../api/server.ts'
import { DEV_TOKEN, KEY, keepLog, KEY_SECRET, recordHost, SPEC, tokenFor } from '../../api/testing.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { startTemporalStage, type TemporalStage } from './stage.ts'

const command = process.env['MUSTER_SCHEMATHESIS']
const isDeep = Boolean(process.env['MUSTER_DEEP'])
/** Of all runs together. */
const WANTED = isDeep ? 10_000 : 600
/** Random ones of each operation and run, besides those that its limits lead to. */
const EXAMPLES = isDeep ? 300 : 3
/** So that a failure can be had again. */
const SEED = 2026
/** Half a minute where nothing else runs. */
const RUN_MS = isDeep ? 900_000 : 300_000

let temporal: TemporalStage
let store: Store
let api: RunningApi
let agentToken: string
const folder = mkdtempSync(join(tmpdir(), 'muster-schemathesis-'))
const kept = keepLog()

// One after another: what a run was answered is the difference it makes to the API's counts.
describe.skipIf(!command)('requests made from the description', () => {
  beforeAll(async () => {
    temporal = await startTemporalStage()
    store = await openStore({ file: ':memory:' })
    await fill()
    api = await startApi({
      id: 'api-schemathesis',
      controller: 'test',
      temporal: temporal.client,
      namespace: 'default',
      store,
      enrollmentKeys: { k1: KEY_SECRET },
      identity: { privateIp: 'allow' },
      trustedProxies: [],
      heartbeatSeconds: 15,
      operatorAuth: { devToken: DEV_TOKEN },
      // One agent that posts as fast as it can is not what is looked at here.
      agentRate: { perSecond: 10_000, burst: 10_000 },
      clock: Date.now,
      log: kept.log,
      listen: { host: '127.0.0.1', port: 0 },
    })
  })
  afterAll(async () => {
    await api.close()
    await store.close()
    await temporal.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  let made = 0

  test(
    'by an agent with the token of its attempt: the routes of agents answer as the description says',
    async () => {
      const answers = await attack(['--include-tag', 'agent', ...bearer(agentToken)])
      const refused = of(answers, 401).filter(({ count }) => count > 1)
      expect(refused, 'the token is taken, but for the one request of each route that leaves it out').toEqual(
        [],
      )
      expect(routesOf(of(answers, 200, 202)), 'some requests go all the way').toContain('/v1/agent/heartbeat')
    },
    RUN_MS,
  )

  test(
    'by an operator: all other routes answer as the description says',
    async () => {
      const answers = await attack(['--exclude-tag', 'agent', ...bearer(DEV_TOKEN)])
      expect(of(answers, 401, 403), 'the token is taken').toEqual([])
      const read = routesOf(of(answers, 200).filter(({ method }) => method === 'GET'))
      expect(read).toEqual(expect.arrayContaining(['/v1/fleets', '/v1/fleets/:name', '/v1/hosts']))
    },
    RUN_MS,
  )

  test(
    'by nobody, without a token: all routes answer as the description says, and let in only where it is open',
    async () => {
      const open = await openRoutes()
      // The door is before everything else: what stands behind it has been tried by those who may pass.
      const answers = await attack(isDeep ? [] : ['--phases', 'fuzzing'])
      expect(routesOf(of(answers, 200, 201, 202, 204)).filter((route) => !open.includes(route))).toEqual([])
      expect(routesOf(of(answers, 401))).toEqual(expect.arrayContaining(['/v1/agent/started', '/v1/fleets']))
    },
    RUN_MS,
  )

  test(`there were ${WANTED} in all, and none met a fault of ours`, async () => {
    expect(made).toBeGreaterThanOrEqual(WANTED)
    expect((await answered()).filter(({ status }) => status >= 500)).toEqual([])
    expect(kept.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  /** One run; every answer is held against the description. @returns what the API says that it has answered */
  async function attack(args: string[]): Promise<Answers[]> {
    const before = new Map((await answered()).map((one) => [keyOf(one), one.count]))
    const { code, said } = await run([
      'run',
      `${api.url}/openapi.json`,
      '--checks',
      'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance',
      '--max-examples',
      String(EXAMPLES),
      '--seed',
      String(SEED),
      '--request-timeout',
      '20',
      '--continue-on-failure',
      ...args,
    ])
    expect({ code, said }).toEqual({ code: 0, said })
    const [, generated = '0'] = /(\d+) generated/.exec(said) ?? []
    made += Number(generated)
    return (await answered())
      .map((one) => ({ ...one, count: one.count - (before.get(keyOf(one)) ?? 0) }))
      .filter(({ count, route }) => count > 0 && !OURS.includes(route))
  }
})

/** How often a route has answered with a status. */
interface Answers {
  method: string
  route: string
  status: number
  count: number
}

/** What the test itself asks for. */
const OURS = ['/metrics', '/openapi.json']

const keyOf = ({ method, route, status }: Answers): string => `${method} ${route} ${status}`
const of = (answers: Answers[], ...statuses: number[]): Answers[] =>
  answers.filter(({ status }) => statuses.includes(status))
const routesOf = (answers: Answers[]): string[] => answers.map(({ route }) => route)

/** By the API's own metrics. */
async function answered(): Promise<Answers[]> {
  const response = await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${DEV_TOKEN}` } })
  const lines = (await response.text()).matchAll(
    /^muster_http_requests_total\{method="(\w+)",route="([^"]*)",status="(\d+)"\} (\d+)$/gm,
  )
  return [...lines].map(([, method = '', route = '', status, count]) => ({
    method,
    route,
    status: Number(status),
    count: Number(count),
  }))
}

/** Routes that the description opens to everybody: they name no way to prove who one is, or not as a condition. */
async function openRoutes(): Promise<string[]> {
  const description = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: object[] }>>
  }
  return Object.entries(description.paths)
    .filter(([, methods]) =>
      Object.values(methods).some(
        ({ security = [] }) => security.length === 0 || security.some((way) => Object.keys(way).length === 0),
      ),
    )
    .map(([path]) => path.replace(/\{(\w+)\}/g, ':$1'))
}

const bearer = (token: string): string[] => ['--header', `Authorization: Bearer ${token}`]

/** The fleet and the host of the description's examples exist: some requests get through to a workflow. */
async function fill(): Promise<void> {
  await temporal.startFleet('render')
  const { key } = await temporal.startHost(KEY.host, 1)
  agentToken = tokenFor(key)
  await recordHost(store, { ...key, phase: 'ready' })
  const specHash = await store.specs.put(SPEC, Date.now())
  const row = { name: 'render', desired: 3, paused: false, specHash, note: 'begins', seq: 1 }
  await store.fleets.record({ ...row, slots: [[1, 3]], updatedAt: Date.now() })
}

function run(args: string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1' } }
    execFile(command ?? '', args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1)
      resolve({ code, said: `${stdout}\n${stderr}` })
    })
  })
}
