import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { onTestFinished } from 'vitest'
import { signEnrollment } from '../domain/enrollment/token.ts'
import type { HostRecord } from '../domain/host/types.ts'
import type { AttemptKey } from '../domain/ids.ts'
import type { HostSpec } from '../domain/spec.ts'
import type { HeartbeatRequest, HostFacts, StartedRequest } from '../domain/wire.ts'
import type { Store } from '../store/contract.ts'
import { openStore } from '../store/index.ts'
import type { ApiDeps } from './deps.ts'
import { createApp } from './index.ts'
import type { Api } from './index.ts'
import { SESSION_COOKIE } from './operator/auth.ts'
import { createSessions } from './operator/sessions.ts'
import { tokenCrypto } from '../store/token-crypto.ts'

/** Secrets that must never be seen in an answer or a log. */
export const KEY_SECRET = 'enrollment-secret-0123456789'
export const DEV_TOKEN = 'dev-token-0123456789abcdef'

export const KEY: AttemptKey = { host: 'render/00007', generation: 'a1b2c3d4e5', attempt: 1 }

/** A log that is kept. */
export interface KeptLog {
  lines: { level: string; fields: object; text: string }[]
  log: ApiDeps['log']
}

export function keepLog(): KeptLog {
  const lines: KeptLog['lines'] = []
  const at = (level: string) => (fields: object, text: string) => void lines.push({ level, fields, text })
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } }
}

/** A store in memory that goes with the test. */
export async function memoryStore(): Promise<Store> {
  const store = await openStore({ file: ':memory:' })
  onTestFinished(() => store.close())
  return store
}

/** A real client whose server is not there: nobody listens on port 1. Without gRPC retries it says so at once. */
export function clientOfNobody(): Client {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] })
  onTestFinished(() => connection.close())
  return new Client({ connection })
}

export interface Stage extends Api {
  deps: ApiDeps
  store: Store
  lines: KeptLog['lines']
  /** Sends a request as from an address. */
  ask(path: string, init?: AskInit): Promise<Response>
}

export interface AskInit {
  method?: string
  headers?: Record<string, string>
  /** An object becomes JSON, a text is sent as it is; both with their length. */
  body?: object | string
  /** Address of the socket's peer. Default 127.0.0.1. */
  from?: string
}

/** The whole app on a real store; without Temporal unless a client is given. */
export async function stageApi(overrides: Partial<ApiDeps> = {}): Promise<Stage> {
  const store = overrides.store ?? (await memoryStore())
  const { lines, log } = keepLog()
  const deps: ApiDeps = {
    id: 'api-1',
    controller: 'test',
    temporal: overrides.temporal ?? clientOfNobody(),
    namespace: 'default',
    store,
    enrollmentKeys: { k1: KEY_SECRET },
    identity: { privateIp: 'off' },
    trustedProxies: [],
    heartbeatSeconds: 15,
    operatorAuth: { devToken: DEV_TOKEN },
    clock: Date.now,
    log,
    ...overrides,
  }
  const api = createApp(deps)
  return { ...api, deps, store, lines, ask: (path, init) => ask(api, path, init) }
}

async function ask({ app }: Api, path: string, init: AskInit = {}): Promise<Response> {
  const { method = init.body === undefined ? 'GET' : 'POST', body, from = '127.0.0.1' } = init
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const headers = {
    ...(text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...init.headers,
  }
  const request = { method, headers: withoutEmpty(headers), ...(text === undefined ? {} : { body: text }) }
  return await app.request(path, request, { incoming: { socket: { remoteAddress: from } } } as never)
}

/** An empty header stands for one that is not sent. */
const withoutEmpty = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))

export function tokenFor(
  key: AttemptKey,
  changes: Partial<Record<'controller' | 'secret' | 'keyId', string>> & { expiresAt?: number } = {},
): string {
  const {
    controller = 'test',
    secret = KEY_SECRET,
    keyId = 'k1',
    expiresAt = Date.now() + 3_600_000,
  } = changes
  return signEnrollment({ ...key, controller, expiresAt }, { id: keyId, secret }, tokenCrypto)
}

/** The cookie of a browser that has logged in with this token. */
export const sessionCookie = ({ deps }: Stage, token: string): { cookie: string } => ({
  cookie: `${SESSION_COOKIE}=${createSessions(deps).issue(token)}`,
})

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

export const FACTS: HostFacts = {
  instanceId: 'i-0001',
  mac: '00:16:3e:00:00:01',
  privateIp: '10.0.0.7',
  cpu: { logical: 4, source: 'os' },
  memoryBytes: 8 * 1024 ** 3,
  os: { platform: 'linux', release: '6.1.0', arch: 'x64', hostname: 'render-00007' },
  agentVersion: '0.1.0',
  programStartedAt: '2026-11-23T19:00:00.000Z',
}

export const STARTED: StartedRequest = { bootId: 'boot-1', facts: FACTS }
export const BEAT: HeartbeatRequest = {
  bootId: 'boot-1',
  seq: 1,
  workload: { state: 'running', pid: 42, restarts: 0 },
  load: 0.25,
}

export const SPEC: HostSpec = {
  region: 'cn-hangzhou',
  imageId: 'm-1',
  os: 'linux',
  placements: [{ zone: 'cn-hangzhou-h', vSwitchId: 'vsw-1', instanceType: 'ecs.c7.large' }],
  placementPolicy: 'order',
  securityGroupIds: ['sg-1'],
  internetMaxBandwidthOutMbps: 0,
  tags: {},
  workload: { command: ['/bin/render'], stopTimeoutMs: 10_000, restart: 'always' },
  bootTimeoutMs: 1_200_000,
  runningTimeoutMs: 300_000,
  heartbeatSeconds: 20,
  heartbeatTimeoutMs: 90_000,
  silentGraceMs: 300_000,
  drainTimeoutMs: 600_000,
  backoff: { initialMs: 5_000, maxMs: 600_000 },
  preserveFailedMs: 0,
}

/** Writes a host into the store as its workflow would, with its spec. */
export async function recordHost(
  store: Store,
  changes: Partial<HostRecord> = {},
  now = Date.now(),
): Promise<void> {
  const specHash = await store.specs.put(SPEC, now)
  const host = changes.host ?? KEY.host
  const [fleet = '', slot = '1'] = host.split('/')
  await store.hosts.record(
    {
      ...KEY,
      host,
      fleet,
      slot: Number(slot),
      phase: 'booting',
      seq: 1,
      at: 0,
      specHash,
      imageId: SPEC.imageId,
      region: SPEC.region,
      zone: 'cn-hangzhou-h',
      instanceType: 'ecs.c7.large',
      instanceId: 'i-0001',
      privateIp: '10.0.0.7',
      liveness: 'agent',
      reason: 'waits for "started"',
      events: [],
      ...changes,
    },
    now,
  )
}

/** Waits until a look gives something; fails after 10 s. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const until = performance.now() + 10_000
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > until) throw new Error(`not within 10 s: ${what}`)
    await delay(25)
  }
}
