import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js'
import { pino, type Logger } from 'pino'
import { startApi, type RunningApi } from '../../api/server.ts'
import type { HostActivityDeps } from '../../activities/index.ts'
import { createEnding, type Ending } from '../../cli/stack/ending.ts'
import { namespaceId } from '../../cli/stack/namespace.ts'
import { ecsOf } from '../../cli/stack/parts.ts'
import type { TemporalPart } from '../../cli/stack/temporal.ts'
import { startWorkers } from '../../cli/stack/worker.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { FleetInput } from '../../domain/fleet/types.ts'
import type { HostInput, HostPhase, HostState } from '../../domain/host/types.ts'
import { fleetWorkflowId, hostId, hostWorkflowId, parseHostId, type HostId } from '../../domain/ids.ts'
import { HOST_QUERIES, WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { startEmulator, type Emulator } from '../../emulator/index.ts'
import type { EmulatorOptions } from '../../emulator/options.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { startTimeSkippingServer } from '../../scripts/temporal/test-server.ts'
import { findTemporalCli, findTestServer } from '../../scripts/setup/temporal.mjs'
import { installTelemetry } from '../../worker/telemetry.ts'
import { emulatedSpec } from './emulated-spec.ts'
import { countLive, type LiveCount } from './live-count.ts'
import { skipTo, skipWorkflow } from './time.ts'

export const CONTROLLER = 'tests'
export const OPERATOR_TOKEN = 'operator-token-of-tests'
export const ENROLLMENT_KEYS = {
  k1: 'enrollment-key-one-of-the-tests',
  k2: 'enrollment-key-two-of-the-tests',
}
const VALUE_TYPES = { Keyword: 2, Int: 3, Datetime: 6 } as const

export interface WorldOptions {
  /** `skip`: the time-skipping test server, whose time is one for all; `dev`: the real dev server. */
  server: 'dev' | 'skip'
  /** How emulated machines behave; default a light agent inside this process. */
  agents?: NonNullable<EmulatorOptions['defaultBehaviour']>['agent']
  clockPolicy?: EmulatorOptions['clockPolicy']
  /** SQLite file of the dev server. */
  temporalDb?: string
  log?: Logger
  /** Looks at instances are joined on this grid; default 200 ms, so that tests need not wait 5 s. */
  cloudGridMs?: number
  /** How long a fresh id may stay invisible; default 1 s instead of a minute. */
  visibleAfterMs?: number
  /** From a cloud call to giving it up; default 1 s instead of 8 s. */
  cloudTimeoutMs?: number
}

/** What a worker of these tests may have otherwise than the last one: a deploy. */
export type WorkerChanges = Partial<Pick<HostActivityDeps, 'enrollmentKeys'>>

/** Real Temporal, real API, real store, real worker, and the emulated cloud, for one test file. */
export interface World {
  temporal: TemporalPart
  client: Client
  store: Store
  emulator: Emulator
  api: RunningApi
  log: Logger
  folder: string
  /** Starts one host workflow on its own. `input` goes over what the test's own fleet would hand it. */
  startHost(slot: number, changes?: Partial<HostSpec>, input?: Partial<HostInput>): Promise<HostId>
  /** Starts a fleet workflow. */
  startFleet(name: string, size: number, changes?: Partial<HostSpec>): Promise<WorkflowHandle>
  handle(host: HostId): WorkflowHandle
  state(host: HostId): Promise<HostState>
  /** Waits until the host is in that phase (and attempt). */
  until(host: HostId, phase: HostPhase, attempt?: number, timeoutMs?: number): Promise<HostState>
  /** Time-skipping server only: moves its one clock to this instant (ms), and a moment beyond. */
  skipTo(instant: number | undefined): Promise<void>
  /** Dev server only: moves the time of one workflow, which must wait for nothing but timers. */
  skipHost(host: HostId, ms: number): Promise<void>
  /** Live instances in the cloud, with their host and attempt tags. */
  instances(): { id: string; host: string; attempt: number; status: string }[]
  /** How many live instances each host has had at once. */
  live: LiveCount
  /** Ends the workers in order; `startWorkers` brings new ones. */
  stopWorkers(): Promise<void>
  startWorkers(changes?: WorkerChanges): Promise<void>
  close(): Promise<void>
}

let hasTelemetry = false

export async function createWorld(options: WorldOptions): Promise<World> {
  const log = options.log ?? pino({ level: process.env['MUSTER_LOG_LEVEL'] ?? 'silent' }, pino.destination(2))
  const ending = createEnding((name, error) => log.error({ err: error, name }, 'a part did not end in order'))
  if (!hasTelemetry) installTelemetry({ log })
  hasTelemetry = true
  try {
    return await bringUp(options, log, ending)
  } catch (error) {
    await ending.run()
    throw error
  }
}

async function bringUp(options: WorldOptions, log: Logger, ending: Ending): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-world-'))
  ending.add('folder', () => rmSync(folder, { recursive: true, force: true }))
  const store = await openStore({ file: ':memory:' })
  ending.add('store', () => store.close())
  const temporal = await temporalOf(options, ending)
  const emulator = await startEmulator({
    stateDir: join(folder, 'machines'),
    agentCommand: [process.execPath, join(import.meta.dirname, '../../dist/agent.cjs')],
    defaultBehaviour: { agent: options.agents ?? 'light' },
    clockPolicy: options.clockPolicy ?? 'immediate',
    seed: 'tests',
  })
  ending.add('emulator', () => emulator.close())
  const workers = workersOf(options, { temporal, store, emulator, log })
  ending.add('workers', () => workers.stop())
  await workers.start()
  const api = await startApi(apiOptions(temporal, store, log))
  ending.add('api', () => api.close())
  return world({ temporal, store, emulator, api, log, folder, ending, workers })
}

interface Workers {
  start(changes?: WorkerChanges): Promise<void>
  stop(): Promise<void>
}

function workersOf(
  options: WorldOptions,
  { temporal, store, emulator, log }: Pick<Parts, 'temporal' | 'store' | 'emulator' | 'log'>,
): Workers {
  const { cloudGridMs = 200, visibleAfterMs = 1_000, cloudTimeoutMs = 1_000 } = options
  const { endpoint, credentials } = emulator
  let running: Ending | undefined
  async function stop(): Promise<void> {
    await running?.run()
    running = undefined
  }
  return {
    stop,
    async start(changes) {
      await stop()
      running = createEnding((name, error) =>
        log.error({ err: error, name }, 'a worker did not end in order'),
      )
      const ecs = ecsOf({ endpoint, protocol: 'http', credentials, timeoutMs: cloudTimeoutMs })
      const enrollmentKeys = (id: string) => (ENROLLMENT_KEYS as Record<string, string>)[id]
      const deps = {
        ecs,
        store,
        clock: Date.now,
        enrollmentKeys,
        log,
        cloudGridMs,
        visibleAfterMs,
        ...changes,
      }
      await startWorkers({ temporal, regions: ['cn-hangzhou'], deps, log }, running)
    },
  }
}

export const apiOptions = (temporal: TemporalPart, store: Store, log: Logger) => ({
  id: `api-${randomUUID()}`,
  controller: CONTROLLER,
  temporal: temporal.client,
  namespace: temporal.namespace,
  store,
  enrollmentKeys: ENROLLMENT_KEYS,
  identity: { privateIp: 'allow' as const, document: 'off' as const },
  trustedProxies: [],
  heartbeatSeconds: 1,
  operatorAuth: { devToken: OPERATOR_TOKEN },
  clock: Date.now,
  log,
  listen: { host: '127.0.0.1', port: 0 },
})

async function temporalOf({ server, temporalDb }: WorldOptions, ending: Ending): Promise<TemporalPart> {
  const running =
    server === 'skip'
      ? await startTimeSkippingServer({ binary: await findTestServer() })
      : await startTemporalDevServer({
          cli: await findTemporalCli(),
          headless: true,
          searchAttributes: SEARCH_ATTRIBUTES,
          ...(temporalDb && { dbFile: temporalDb }),
        })
  ending.add('Temporal', () => running.stop())
  const { address } = running
  // The SDK gives its test service only to its own test environment, whose start-up we do not use.
  const connection = await Connection.connect({
    address,
    [InternalConnectionOptionsSymbol]: { supportsTestService: server === 'skip' },
  } as never)
  ending.add('connection', () => connection.close())
  if (server === 'skip') {
    const searchAttributes = Object.fromEntries(
      Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, VALUE_TYPES[type]]),
    )
    await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes })
  }
  const client = new Client({ connection })
  const id = server === 'skip' ? randomUUID() : await namespaceId(connection, 'default')
  return { address, namespace: 'default', namespaceId: id, connection, client }
}

interface Parts {
  temporal: TemporalPart
  store: Store
  emulator: Emulator
  api: RunningApi
  log: Logger
  folder: string
  ending: Ending
  workers: Workers
}

function world(parts: Parts): World {
  const { temporal, emulator, ending, workers, ...rest } = parts
  const { client } = temporal
  const handle = (host: HostId) => client.workflow.getHandle(hostWorkflowId(host))
  const state = (host: HostId) => handle(host).query<HostState>(HOST_QUERIES.state)
  return {
    ...rest,
    temporal,
    client,
    emulator,
    handle,
    state,
    startHost: (slot, changes, input) => startHost(parts, hostId('render', slot), changes, input),
    startFleet: (name, size, changes) => startFleet(parts, name, size, changes),
    until: (host, phase, attempt, timeoutMs = 20_000) =>
      waitFor(
        `${host} to be ${phase}${attempt === undefined ? '' : ` in attempt ${attempt}`}`,
        async () => {
          const now = await state(host)
          return now.phase === phase && (attempt ?? now.current.n) === now.current.n && now
        },
        { timeoutMs },
      ),
    skipTo: (instant) => skipTo(temporal.connection, instant),
    skipHost: (host, ms) => skipWorkflow(client, hostWorkflowId(host), ms),
    live: countLive(emulator),
    stopWorkers: workers.stop,
    startWorkers: workers.start,
    instances: () =>
      emulator.cloud.instances.newestFirst().map((instance) => ({
        id: instance.instanceId,
        host: instance.tags['muster:host'] ?? '',
        attempt: Number(instance.tags['muster:attempt']),
        status: instance.status,
      })),
    close: () => ending.run(),
  }
}

/** What a host or a fleet is started with. */
async function commonInput({ temporal, store, api }: Parts, changes: Partial<HostSpec>) {
  const spec = emulatedSpec(changes)
  return {
    controller: CONTROLLER,
    namespaceId: temporal.namespaceId,
    specHash: await store.specs.put(spec, Date.now()),
    spec,
    api: { url: api.url, keyId: 'k1' },
  }
}

async function startHost(
  parts: Parts,
  host: HostId,
  changes: Partial<HostSpec> = {},
  input: Partial<HostInput> = {},
): Promise<HostId> {
  const { fleet } = parseHostId(host)
  await parts.temporal.client.workflow.start(WORKFLOWS.host, {
    workflowId: hostWorkflowId(host),
    taskQueue: MUSTER_QUEUE,
    args: [{ host, ...(await commonInput(parts, changes)), ...input }],
    staticSummary: `host of fleet ${fleet}`,
  })
  return host
}

async function startFleet(
  parts: Parts,
  name: string,
  size: number,
  changes: Partial<HostSpec> = {},
): Promise<WorkflowHandle> {
  const input: FleetInput = { name, size, ...(await commonInput(parts, changes)) }
  return await parts.temporal.client.workflow.start(WORKFLOWS.fleet, {
    workflowId: fleetWorkflowId(name),
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })
}
