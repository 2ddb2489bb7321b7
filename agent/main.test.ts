import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ENROLLMENT_MARK } from '../domain/wire.ts'
import { join } from 'node:path'
import { tempFolder } from '../emulator/testing/temp-folder.ts'
import { bundleAgent } from '../scripts/agent-bundle.ts'
import { isAlive, startBundle } from './testing/run-bundle.ts'
import type { RunningAgent } from './testing/run-bundle.ts'
import { startTestServer, until } from './testing/test-api.ts'
import type { Reply, Seen, TestServer } from './testing/test-api.ts'

let bundle = ''
beforeAll(async () => {
  bundle = join(tempFolder('agent-bundle'), 'agent.cjs')
  await bundleAgent(bundle)
})

const servers: TestServer[] = []
const agents: RunningAgent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) {
    agent.child.kill('SIGKILL')
    await agent.exit
  }
  for (const server of servers.splice(0)) await server.close()
})
afterAll(() => expect(agents).toEqual([]))

async function serve(reply: (seen: Seen, server: TestServer) => Reply): Promise<TestServer> {
  const server = await startTestServer(reply)
  servers.push(server)
  return server
}

const STARTED = '/v1/agent/started'
const BEAT = '/v1/agent/heartbeat'
const workload = { command: ['sleep', '600'], stopTimeoutMs: 2_000, restart: 'always' }

/** An API that accepts everything, with answers of the test's for beats. */
function acceptingApi(
  beat: (seen: Seen) => Reply,
  started: Record<string, unknown> = {},
): Promise<TestServer> {
  return serve((seen) => {
    if (seen.path === STARTED) return { status: 202, body: { heartbeatSeconds: 0.05, files: [], ...started } }
    return seen.path === BEAT ? beat(seen) : { status: 202 }
  })
}

const noCommands = (): Reply => ({ status: 200, body: { commands: [] } })

async function launch(
  apiUrl: string,
  env: Record<string, string> = {},
  stateDir?: string,
): Promise<RunningAgent> {
  const enrollment = {
    apiUrl,
    token: 'tok',
    host: 'render/00001',
    generation: 'abc',
    attempt: 1,
    expiresAt: 'never',
  }
  const line = ENROLLMENT_MARK + Buffer.from(JSON.stringify(enrollment)).toString('base64url')
  const document = { 'instance-id': 'i-one', mac: '00:16:3e:00:00:01', 'private-ipv4': '127.16.0.5' }
  const metadata = await serve(({ path }) => {
    if (path === '/latest/user-data') return { status: 200, body: `#!/bin/sh\n${line}\n` }
    return path.endsWith('/document') ? { status: 200, body: document } : { status: 404 }
  })
  const agent = startBundle(bundle, { MUSTER_METADATA_URL: metadata.url, ...env }, stateDir)
  agents.push(agent)
  return agent
}

const workloadPid = (api: TestServer): number => {
  const report = api.of(BEAT).at(-1)?.body['workload'] as { pid?: number } | undefined
  return report?.pid ?? 0
}

describe('an agent on its host', () => {
  test('says started with its facts, then beats; the physical cores follow once with a beat', async () => {
    const api = await acceptingApi(noCommands)
    await launch(api.url, { MUSTER_BOOT_ID: 'boot-1', MUSTER_LOCAL_ADDRESS: '127.16.0.5' })
    await until('the slow facts', () => api.of(BEAT).some((one) => 'facts' in one.body))
    const [started] = api.of(STARTED)
    expect(started?.body).toMatchObject({
      bootId: 'boot-1',
      facts: {
        instanceId: 'i-one',
        mac: '00:16:3e:00:00:01',
        privateIp: '127.16.0.5',
        cpu: { logical: expect.any(Number), source: 'os' },
        os: { platform: process.platform },
        agentVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      },
    })
    expect(started?.remoteAddress).toBe('127.16.0.5')
    expect(started?.headers.authorization).toBe('Bearer tok')
    const beats = api.of(BEAT)
    expect(beats[0]?.body).toMatchObject({
      bootId: 'boot-1',
      seq: 1,
      workload: { state: 'none', restarts: 0 },
    })
    const withFacts = beats.filter((one) => 'facts' in one.body)
    expect(withFacts).toHaveLength(1)
    expect(withFacts[0]?.body['facts']).toMatchObject({
      instanceId: 'i-one',
      cpu: { physical: expect.any(Number), source: 'systeminformation' },
    })
    expect(api.of(STARTED)).toHaveLength(1)
  })

  test('loses no started while the API is away', async () => {
    let downs = 4
    const api = await serve(({ path }) => {
      if (path !== STARTED) return noCommands()
      if (downs-- > 0) return { status: 503, headers: { 'retry-after': '0' } }
      return { status: 202, body: { heartbeatSeconds: 0.05, files: [] } }
    })
    await launch(api.url)
    await until('a beat', () => api.of(BEAT).length > 0)
    expect(api.of(STARTED)).toHaveLength(5)
    expect(new Set(api.of(STARTED).map((one) => one.headers['idempotency-key'])).size).toBe(1)
  })

  test('ends with 0 when its attempt is over (410 to started)', async () => {
    const api = await serve(() => ({ status: 410 }))
    const agent = await launch(api.url)
    expect(await agent.exit).toBe(0)
    expect(agent.stdout()).toContain('410')
  })

  test('ends with 0, and its workload with it, when a beat is answered 410', async () => {
    const gone = (): Reply => (workloadPid(api) > 0 ? { status: 410 } : noCommands())
    const api: TestServer = await acceptingApi(() => gone(), { workload })
    const agent = await launch(api.url)
    expect(await agent.exit).toBe(0)
    const pid = workloadPid(api)
    expect(pid).toBeGreaterThan(0)
    expect(isAlive(pid)).toBe(false)
  })

  test('drains: the workload ends, "drained" is posted, beats go on, and a restarted agent stays drained', async () => {
    let draining = false
    const drain = { commands: [{ id: 'c1', kind: 'drain' }] }
    const api = await acceptingApi(() => (draining ? { status: 200, body: drain } : noCommands()), {
      workload,
    })
    const agent = await launch(api.url)
    await until('the workload runs', () => workloadPid(api) > 0)
    const pid = workloadPid(api)
    draining = true
    const stateOf = (one: Seen | undefined) =>
      (one?.body['workload'] as { state?: string } | undefined)?.state
    await until('drained', () => api.of('/v1/agent/drained').length > 0)
    await until('a beat that says stopped', () => stateOf(api.of(BEAT).at(-1)) === 'stopped')
    expect(isAlive(pid)).toBe(false)

    draining = false
    agent.child.kill('SIGKILL')
    await agent.exit
    const before = api.seen.length
    const again = await launch(api.url, {}, agent.stateDir)
    await until(
      'beats of the next run',
      () => api.seen.slice(before).filter((one) => one.path === BEAT).length >= 3,
    )
    expect(stateOf(api.of(BEAT).at(-1))).toBe('stopped')
    expect(again.stdout()).toContain('was drained')
    await until('"drained" of the next run', () => api.of('/v1/agent/drained').length === 2)
  })

  test('stops on command: drained, acknowledged, exit 0', async () => {
    const stop = { commands: [{ id: 'c7', kind: 'stop' }] }
    const api = await acceptingApi(() => ({ status: 200, body: stop }), { workload })
    const agent = await launch(api.url)
    expect(await agent.exit).toBe(0)
    expect(api.of('/v1/agent/drained')).toHaveLength(1)
    const acks = api.of(BEAT).flatMap((one) => (one.body['acks'] as { id: string }[] | undefined) ?? [])
    expect(acks).toContainEqual({ id: 'c7', ok: true })
  })

  test('ends its workload on SIGTERM and leaves with 0, without "drained": a reboot is no drain', async () => {
    const api = await acceptingApi(noCommands, { workload })
    const agent = await launch(api.url)
    await until('the workload runs', () => workloadPid(api) > 0)
    const pid = workloadPid(api)
    agent.child.kill('SIGTERM')
    expect(await agent.exit).toBe(0)
    expect(isAlive(pid)).toBe(false)
    expect(api.of('/v1/agent/drained')).toEqual([])
    expect(api.of(BEAT).at(-1)?.body['workload']).toMatchObject({ state: 'stopped' })
  })

  test('runs a workload made of fetched files', async () => {
    const run = { command: ['./run.sh'], stopTimeoutMs: 1_000, restart: 'never' }
    const api = await serve((seen) => {
      if (seen.path === STARTED) {
        return { status: 202, body: { heartbeatSeconds: 0.05, files: ['run.sh'], workload: run } }
      }
      return seen.path.includes('/files/') ? { status: 200, body: '#!/bin/sh\nexit 42\n' } : noCommands()
    })
    await launch(api.url)
    const report = () => api.of(BEAT).at(-1)?.body['workload']
    await until('the end of the workload', () => (report() as { state?: string })?.state === 'failed')
    expect(report()).toEqual({ state: 'failed', restarts: 0, exitCode: 42 })
  })

  test('logs JSON lines that name the host, and never the token', async () => {
    const api = await acceptingApi(noCommands)
    const agent = await launch(api.url)
    await until('a beat', () => api.of(BEAT).length > 0)
    const lines = agent.stdout().trim().split('\n')
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(parsed[0]).toMatchObject({ level: 'info', host: 'render/00001', attempt: 1, instanceId: 'i-one' })
    expect(agent.stdout() + agent.stderr()).not.toContain('"tok"')
  })

  test('that meets what it did not expect leaves one JSON line on stderr and exit code 1', async () => {
    const agent = await launch('no url at all')
    expect(await agent.exit).toBe(1)
    const last = JSON.parse(agent.stderr()) as Record<string, unknown>
    expect(last).toMatchObject({
      level: 'fatal',
      error: expect.stringContaining('"no url at all/v1/agent/started"'),
    })
  })
})
