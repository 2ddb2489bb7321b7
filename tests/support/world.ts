import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client, WorkflowHandle } from '@temporalio/client'
import { pino, type Logger } from 'pino'
import { startApi, type RunningApi } from '../../api/server.ts'
import { createCleanup, type Cleanup } from '../../cli/stack/cleanup.ts'
import type { TemporalPart } from '../../cli/stack/temporal.ts'
import type { FleetInput } from '../../domain/fleet/types.ts'
import type { HostInput, HostPhase, HostState } from '../../domain/host/types.ts'
import { hostId, hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { HOST_QUERIES } from '../../domain/messages.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { TAGS } from '../../domain/tags.ts'
import { startEmulator, type Emulator, type RecordedCall } from '../../emulator/index.ts'
import type { EmulatorOptions } from '../../emulator/options.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { countLive, type LiveCount } from './live-count.ts'
import { CONTROLLER, ENROLLMENT_KEYS, OPERATOR_TOKEN } from './names.ts'
import { skipTo, skipWorkflow } from './time.ts'
import { whenOf, type When } from './when.ts'
import { createClock, type WorldClock } from './world-clock.ts'
import { startFleet, startHost } from './world-starts.ts'
import { temporalOf, type WorldTemporalOptions } from './world-temporal.ts'
import { workersOf, type WorkerChanges, type Workers, type WorkerTimes } from './world-workers.ts'

export interface WorldOptions extends WorldTemporalOptions, WorkerTimes {
  /** How emulated machines behave; default a light agent inside this process. */
  agents?: NonNullable<EmulatorOptions['defaultBehaviour']>['agent']
  clockPolicy?: EmulatorOptions['clockPolicy']
  /** SQLite file of the store; default in memory. */
  storeFile?: string
  log?: Logger
}

/** Real Temporal, real API, real store, real worker, and the emulated cloud, for one test file. */
export interface World {
  temporal: TemporalPart
  client: Client
  store: Store
  emulator: Emulator
  api: RunningApi
  log: Logger
  folder: string
  /** Starts one host workflow on its own, of fleet `render` unless named. `input` goes over what a fleet would hand it. */
  startHost(host: number | HostId, changes?: Partial<HostSpec>, input?: Partial<HostInput>): Promise<HostId>
  /** Starts a fleet workflow. */
  startFleet(
    name: string,
    size: number,
    changes?: Partial<HostSpec>,
    input?: Partial<FleetInput>,
  ): Promise<WorkflowHandle>
  handle(host: HostId): WorkflowHandle
  state(host: HostId): Promise<HostState>
  /** Waits until the host is in that phase (and attempt). */
  until(host: HostId, phase: HostPhase, attempt?: number, timeoutMs?: number): Promise<HostState>
  when: When
  /** The journal as the store has it, oldest first, `kind: text`. */
  journal(host: HostId): Promise<string[]>
  /** Calls that the cloud was asked for this host's instances, oldest first. */
  launches(host: HostId): RecordedCall[]
  /** Moves the clock of the workers: what they compare with notes in the store. Tokens are judged by the API, whose clock stays. */
  skipClock(ms: number): void
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

/** Temporal has one log for as long as the process lasts, whatever worlds come and go: it goes to the newest one's. */
let newestLog: Logger | undefined
const toNewestLog = new Proxy({} as Logger, {
  get: (_, name) => Reflect.get(newestLog ?? {}, name, newestLog) as unknown,
})

export async function createWorld(options: WorldOptions): Promise<World> {
  const log = options.log ?? pino({ level: process.env['MUSTER_LOG_LEVEL'] ?? 'silent' }, pino.destination(2))
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, name }, 'a part did not end in order'),
  )
  if (newestLog === undefined) installTelemetry({ log: toNewestLog })
  newestLog = log
  try {
    return await bringUp(options, log, cleanup)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function bringUp(options: WorldOptions, log: Logger, cleanup: Cleanup): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-world-'))
  cleanup.add('folder', () => rmSync(folder, { recursive: true, force: true }))
  const store = await openStore({ file: options.storeFile ?? ':memory:' })
  cleanup.add('store', () => store.close())
  const temporal = await temporalOf(options, cleanup)
  const emulator = await startEmulator({
    stateDir: join(folder, 'machines'),
    agentCommand: [process.execPath, join(import.meta.dirname, '../../dist/agent.cjs')],
    defaultBehaviour: { agent: options.agents ?? 'light' },
    clockPolicy: options.clockPolicy ?? 'immediate',
    seed: 'tests',
  })
  cleanup.add('emulator', () => emulator.close())
  const clock = createClock()
  const workers = workersOf(options, { temporal, store, emulator, log, clock })
  cleanup.add('workers', () => workers.stop())
  await workers.start()
  const api = await startApi(apiOptions(temporal, store, log))
  cleanup.add('api', () => api.close())
  return world({ temporal, store, emulator, api, log, folder, cleanup, workers, clock })
}

const apiOptions = (temporal: TemporalPart, store: Store, log: Logger) => ({
  id: `api-${randomUUID()}`,
  controller: CONTROLLER,
  temporal: temporal.client,
  namespace: temporal.namespace,
  store,
  enrollmentKeys: ENROLLMENT_KEYS,
  identity: { privateIp: 'allow' as const },
  trustedProxies: [],
  heartbeatSeconds: 1,
  // Tests judge a silence after half a second, and need a pulse from within it.
  pulseEveryMs: 200,
  // Tests beat faster than any agent.
  agentRate: { perSecond: 1_000, burst: 1_000 },
  operatorAuth: { devToken: OPERATOR_TOKEN },
  clock: Date.now,
  log,
  listen: { host: '127.0.0.1', port: 0 },
})

interface Parts {
  temporal: TemporalPart
  store: Store
  emulator: Emulator
  api: RunningApi
  log: Logger
  folder: string
  cleanup: Cleanup
  workers: Workers
  clock: WorldClock
}

const isFor = (parameters: Record<string, string>, host: HostId): boolean =>
  Object.entries(parameters).some(
    ([name, value]) => value === TAGS.host && parameters[name.replace(/Key$/, 'Value')] === host,
  )

function world(parts: Parts): World {
  const { temporal, emulator, cleanup, workers, clock, ...rest } = parts
  const { client } = temporal
  const handle = (host: HostId) => client.workflow.getHandle(hostWorkflowId(host))
  const state = (host: HostId) => handle(host).query<HostState>(HOST_QUERIES.state)
  const when = whenOf(state)
  return {
    ...rest,
    temporal,
    client,
    emulator,
    handle,
    state,
    startHost: (host, changes, input) =>
      startHost(parts, typeof host === 'string' ? host : hostId('render', host), changes, input),
    startFleet: (name, size, changes, input) => startFleet(parts, name, size, changes, input),
    until: (host, phase, attempt, timeoutMs) =>
      when(
        host,
        `to be ${phase}${attempt === undefined ? '' : ` in attempt ${attempt}`}`,
        (now) => now.phase === phase && (attempt ?? now.current.n) === now.current.n,
        timeoutMs,
      ),
    when,
    journal: async (host) => {
      const rows = await parts.store.journal.list({ host, limit: 1000 })
      return rows.toReversed().map(({ kind, text }) => `${kind}: ${text}`)
    },
    launches: (host) =>
      emulator.recorder
        .calls()
        .filter(({ action, parameters }) => action === 'RunInstances' && isFor(parameters, host)),
    skipClock: (ms) => void (clock.aheadMs += ms),
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
    close: () => cleanup.run(),
  }
}
