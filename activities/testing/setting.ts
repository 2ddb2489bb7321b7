import { inspect } from 'node:util'
import { onTestFinished } from 'vitest'
import { MockActivityEnvironment } from '@temporalio/testing'
import { ApplicationFailure, defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common'
import type { Logger } from '@temporalio/common'
import type { HostRecord } from '../../domain/host/types.ts'
import type { AttemptKey } from '../../domain/ids.ts'
import { parseHostId } from '../../domain/ids.ts'
import type { FaultInput, Emulator, EmulatorOptions } from '../../emulator/index.ts'
import { startEmulator } from '../../emulator/index.ts'
import { catalogueSpec } from '../../emulator/testing/catalogue-spec.ts'
import { createRecordingRoom } from '../../emulator/testing/recording-room.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import type { InstanceInput, LaunchInput } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'
import type { EcsApi, EcsConfig } from '../ecs/api.ts'
import { createEcsActivities, createEcsApi, createHostActivities, createLaunchActivities } from '../index.ts'
import type { EcsActivities, LaunchActivities, StoreActivities } from '../index.ts'

export const SECRET = 'planted-enrollment-key-secret'
export const GRID_MS = 100
export const OWNER = { controller: 'studio', namespaceId: '6b1f9a52-6c1e-4a57-9d5e-0f5f4f1d2c3b' }
export const SPEC = catalogueSpec(['g', 'h'], { tags: { team: 'lighting' } })

/** A region's emulator, a store in memory and the real activities between them; closed when the test has ended. */
export interface Setting {
  emulator: Emulator
  store: Store
  deps: HostActivityDeps
  activities: EcsActivities & LaunchActivities & StoreActivities
  /** Lines of the log, as JSON. */
  log: string[]
  /** Moves the activities' clock, not the cloud's. */
  skip(ms: number): void
  fault(fault: FaultInput): void
  /** The next so many lists of instances are empty, as a permission that was cut would make them. */
  blind(looks: number): void
  calls(action: string): number
  /** Launches and gives the instance id. */
  launched(key?: AttemptKey): Promise<string>
}

export async function openSetting(
  options: {
    emulator?: Partial<EmulatorOptions>
    ecs?: Partial<EcsConfig>
    deps?: Partial<HostActivityDeps>
  } = {},
): Promise<Setting> {
  const emulator = await startCloud(options.emulator)
  const store = await openStore({ file: ':memory:' })
  onTestFinished(async () => {
    await emulator.close()
    await store.close()
  })
  const log: string[] = []
  let skippedMs = 0
  const clock = () => Date.now() + skippedMs
  const line = (fields: object, message: string) => void log.push(JSON.stringify({ ...fields, message }))
  const { endpoint, credentials } = emulator
  const { ecs, blind } = blindable({ endpoint, credentials, clock, ...options.ecs })
  const deps: HostActivityDeps = {
    ecs: () => ecs,
    store,
    clock,
    enrollmentKeys: (id) => (id === 'k1' ? SECRET : undefined),
    log: { info: line, warn: line },
    cloudGridMs: GRID_MS,
    visibleAfterMs: 600,
    ...options.deps,
  }
  const activities = {
    ...createEcsActivities(deps),
    ...createLaunchActivities(deps),
    ...createHostActivities(deps),
  }
  return {
    emulator,
    store,
    deps,
    activities,
    log,
    skip: (ms) => void (skippedMs += ms),
    blind,
    fault: (fault) => void emulator.addFault(fault),
    calls: (action) =>
      Object.values(emulator.recorder.counts()[action] ?? {}).reduce((sum, count) => sum + count, 0),
    async launched(key) {
      const { answer } = await run(activities.launchInstance, launchInput(key))
      if (answer.outcome !== 'launched') throw new Error(`not launched: ${JSON.stringify(answer)}`)
      return answer.instanceId
    },
  }
}

/** The real client, whose lists of instances can be made empty for a while. */
function blindable(config: Omit<EcsConfig, 'region'> & { region?: string }): {
  ecs: EcsApi
  blind: Setting['blind']
} {
  const seeing = createEcsApi({ region: SPEC.region, protocol: 'http', timeoutMs: 500, ...config })
  let left = 0
  const describeInstances: EcsApi['describeInstances'] = async (ids) => {
    left -= 1
    return left >= 0 ? [] : await seeing.describeInstances(ids)
  }
  return { ecs: { ...seeing, describeInstances }, blind: (looks) => void (left = looks) }
}

/** Every transition at once, and machines that only note their orders. */
function startCloud(options: Partial<EmulatorOptions> = {}): Promise<Emulator> {
  return startEmulator({
    machineRoom: createRecordingRoom(),
    stateDir: '',
    seed: 'test',
    clockPolicy: 'immediate',
    defaultBehaviour: { agent: 'none' },
    ...options,
  })
}

/** The store with a record that fails while `isBroken` says so. */
export function breakable(store: Store, isBroken: () => boolean): Store {
  const record: Store['hosts']['record'] = (...args) =>
    isBroken() ? Promise.reject(new Error('disk full')) : store.hosts.record(...args)
  return { ...store, hosts: { ...store.hosts, record } }
}

export const keyOf = (slot = 1, attempt = 1): AttemptKey => ({
  host: `render/${String(slot).padStart(5, '0')}`,
  generation: 'a1b2c3d4e5',
  attempt,
})

export function recordOf(key: AttemptKey, change: Partial<HostRecord> = {}): HostRecord {
  const { fleet, slot } = parseHostId(key.host)
  return {
    ...key,
    fleet,
    slot,
    phase: 'launching',
    seq: 1,
    at: 0,
    specHash: 'abc',
    imageId: SPEC.imageId,
    region: SPEC.region,
    liveness: 'agent',
    reason: '',
    events: [],
    ...change,
  }
}

export function instanceInput(
  instanceId: string,
  key = keyOf(),
  change: Partial<HostRecord> = {},
): InstanceInput {
  return {
    region: SPEC.region,
    owner: OWNER,
    key,
    instanceId,
    record: recordOf(key, { instanceId, ...change }),
  }
}

export function launchInput(key = keyOf(), change: Partial<LaunchInput> = {}): LaunchInput {
  return {
    region: SPEC.region,
    owner: OWNER,
    key,
    launch: 1,
    placement: SPEC.placements[0] ?? { zone: '', vSwitchId: '', instanceType: '' },
    spec: SPEC,
    api: { url: 'https://muster.example', keyId: 'k1' },
    // Fixed for a test run, as the workflow's record fixes it for a launch.
    autoReleaseAt: RUN_STARTED_AT + 50 * 60_000,
    tokenExpiresAt: RUN_STARTED_AT + 20 * 60_000,
    record: recordOf(key),
    ...change,
  }
}
const RUN_STARTED_AT = Date.now()

export interface TryInfo {
  attempt?: number
  heartbeatDetails?: unknown
}

/** One try of an activity, and what it left for the next. */
export async function run<I, O>(
  activity: (input: I) => Promise<O>,
  input: I,
  info: TryInfo = {},
): Promise<{ answer: O; details: unknown }> {
  const environment = new MockActivityEnvironment(info, { logger: collectingLogger })
  let details = info.heartbeatDetails
  environment.on('heartbeat', (kept: unknown) => {
    details = kept
  })
  try {
    return { answer: await environment.run(activity, input), details }
  } catch (error) {
    throw Object.assign(error as object, { keptDetails: details })
  }
}

/** One try that must fail with a failure Temporal may retry. */
export async function failedTry<I>(
  activity: (input: I) => Promise<unknown>,
  input: I,
  info: TryInfo = {},
): Promise<{ failure: ApplicationFailure; details: unknown }> {
  try {
    await run(activity, input, info)
  } catch (error) {
    if (error instanceof ApplicationFailure)
      return { failure: error, details: (error as { keptDetails?: unknown }).keptDetails }
    throw error
  }
  throw new Error('the try succeeded, though it should not have')
}

/** Tries as the server does: again after `nextRetryDelay` (at most a few points of the grid) with the last details. */
export async function untilDone<I, O>(
  activity: (input: I) => Promise<O>,
  input: I,
  {
    deadlineMs = 10_000,
    onFailure = () => undefined,
  }: { deadlineMs?: number; onFailure?: (failure: ApplicationFailure) => void } = {},
): Promise<{ answer: O; tries: number }> {
  const endsAt = Date.now() + deadlineMs
  let info: TryInfo = {}
  for (let attempt = 1; ; attempt++) {
    try {
      const { answer } = await run(activity, input, { ...info, attempt })
      return { answer, tries: attempt }
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable || Date.now() > endsAt) throw error
      onFailure(error)
      info = { heartbeatDetails: (error as { keptDetails?: unknown }).keptDetails }
      const delayMs = typeof error.nextRetryDelay === 'number' ? error.nextRetryDelay : GRID_MS
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(delayMs, 6 * GRID_MS))
      })
    }
  }
}

/** What a worker would have logged of the tries so far in this file. */
export const workerLog: string[] = []

const collect = (message: string, meta?: object) =>
  void workerLog.push(inspect({ message, meta }, { depth: 10 }))
const collectingLogger: Logger = {
  log: (_level, message, meta) => collect(message, meta),
  trace: collect,
  debug: collect,
  info: collect,
  warn: collect,
  error: collect,
}

/** A failure as it would be in a history. */
export function historyText(error: unknown): string {
  return JSON.stringify(
    defaultFailureConverter.errorToFailure(error, defaultPayloadConverter),
    (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value),
  )
}
