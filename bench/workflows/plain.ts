import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow'
import { defineSearchAttributeKey } from '@temporalio/common'
import type { HostActivities } from '../../activities/contract.ts'
import type { HostEvent, HostInput, HostPhase, HostRecord } from '../../domain/host/types.ts'
import type { AboutAttempt, Asked, StartedSignal } from '../../domain/messages.ts'

const PHASE = defineSearchAttributeKey('MusterPhase', 'KEYWORD')
const ZONE = defineSearchAttributeKey('MusterZone', 'KEYWORD')
const TYPE = defineSearchAttributeKey('MusterInstanceType', 'KEYWORD')
const INSTANCE = defineSearchAttributeKey('MusterInstanceId', 'KEYWORD')
const ADDRESS = defineSearchAttributeKey('MusterPrivateIp', 'KEYWORD')
const READY_AT = defineSearchAttributeKey('MusterReadyAt', 'DATETIME')

const started = defineSignal<[StartedSignal]>('started')
const drained = defineSignal<[AboutAttempt]>('drained')
const retire = defineUpdate<{ phase: string }, [Asked]>('retire')

const MAIN = 'rivals'
const on = (taskQueue: string, summary: string, options: ActivityOptions = {}): HostActivities =>
  proxyActivities<HostActivities>({
    taskQueue,
    startToCloseTimeout: '20 seconds',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: 1000, backoffCoefficient: 2, maximumInterval: 30_000 },
    summary,
    ...options,
  })

/**
 * A host that is always lucky, written straight down: the commands of a host's life with payloads as large, and nothing
 * of what Muster adds (no states, no choice of what comes next, no story for the Temporal UI).
 */
export async function plainLife(input: HostInput): Promise<{ attempts: object[] }> {
  const { host, spec } = input
  const { region } = spec
  const generation = workflowInfo().firstExecutionRunId.replaceAll('-', '').slice(-10)
  const key = { host, generation, attempt: 1 }
  const owner = { controller: input.controller, namespaceId: input.namespaceId }
  const launchQueue = `rival-ecs-launch:${region}`
  const cloudQueue = `rival-ecs:${region}`
  let signal: StartedSignal | undefined
  let asked: Asked | undefined
  let isDrained = false
  setHandler(started, (told) => void (signal = told))
  setHandler(drained, () => void (isDrained = true))
  setHandler(retire, (request) => {
    asked = request
    return { phase: 'draining', attempt: 1, generation }
  })

  const known: Partial<HostRecord> = {}
  let seq = 0
  const record = (phase: HostPhase, ...texts: string[]): HostRecord => {
    const events = texts.map((text): HostEvent => {
      seq += 1
      return { seq, at: Date.now(), kind: 'planned', attempt: 1, text }
    })
    const { specHash } = input
    const standing = { phase, seq, specHash, imageId: spec.imageId, region, liveness: 'agent' as const }
    return { ...key, fleet: 'bench', slot: 1, reason: '', at: Date.now(), ...standing, events, ...known }
  }

  const born = record('launching', `generation ${generation} of ${host} begins`)
  const plan = await on(MAIN, 'attempt 1: choose a placement').planLaunch({ key, launch: 1, spec, record: born })
  if (plan.outcome !== 'placed') return { attempts: [] }
  const { placement } = plan
  const launchedAt = Date.now()
  const bootDeadline = launchedAt + spec.bootTimeoutMs
  Object.assign(known, { zone: placement.zone, instanceType: placement.instanceType, launchedAt, bootDeadline })
  const launching = record('launching', `launch 1: ${placement.instanceType} in ${placement.zone}`)
  const summary = `launch 1.1: ${placement.instanceType} in ${placement.zone}`
  const launch = await on(launchQueue, summary, { scheduleToCloseTimeout: 600_000 }).launchInstance({
    region,
    owner,
    key,
    record: launching,
    launch: 1,
    placement,
    spec,
    api: input.api,
    autoReleaseAt: bootDeadline + 1_800_000,
    tokenExpiresAt: bootDeadline,
  })
  if (launch.outcome !== 'launched') return { attempts: [] }
  const { instanceId } = launch
  known.instanceId = instanceId
  upsertSearchAttributes([
    { key: PHASE, value: 'booting' },
    { key: ZONE, value: placement.zone },
    { key: TYPE, value: placement.instanceType },
    { key: INSTANCE, value: instanceId },
  ])
  const booting = record('booting', `${instanceId} accepted`)
  const about = { region, owner, key, instanceId }
  const running = await on(cloudQueue, `await running: ${instanceId}`, {
    scheduleToCloseTimeout: spec.runningTimeoutMs,
  }).awaitRunning({ ...about, record: booting })
  if (running.outcome !== 'running') return { attempts: [] }
  const { privateIp } = running
  Object.assign(known, { privateIp, mac: running.mac })
  const left = bootDeadline - Date.now()
  await condition(() => signal !== undefined, left, { summary: 'boot deadline, 20:00 after the launch' })
  known.readyAt = Date.now()
  upsertSearchAttributes([
    { key: PHASE, value: 'ready' },
    { key: ADDRESS, value: privateIp },
    { key: READY_AT, value: new Date(known.readyAt) },
  ])
  const ready = record('ready', `running at ${privateIp}`, `started after 0:01`)
  const clear = on(cloudQueue, `ready: ${instanceId}, clear its release time`)
  await clear.becomeReady({ ...about, privateIp, record: ready })

  const watching = new CancellationScope()
  const watch = watching.run(() =>
    on(MAIN, `hear ${instanceId}`, {
      activityId: `agent-${generation}-1`,
      startToCloseTimeout: 86_400_000,
      heartbeatTimeout: spec.heartbeatTimeoutMs,
      retry: { maximumAttempts: 1 },
    }).watchAgent(key),
  )
  watch.catch((error: unknown) => {
    if (!isCancellation(error)) throw error
  })
  await condition(() => asked !== undefined)
  watching.cancel()
  upsertSearchAttributes([{ key: PHASE, value: 'draining' }])
  const by = `retire by ${asked?.by}: ${asked?.why}`
  const draining = record('draining', by, 'draining for at most 10:00')
  await on(MAIN, 'tell the agent to drain').tellAgent({ key, record: draining, command: 'drain' })
  await condition(() => isDrained, spec.drainTimeoutMs, { summary: 'drain deadline' })
  upsertSearchAttributes([{ key: PHASE, value: 'deleting' }])
  const deleting = record('deleting', 'drained: the workload has ended', `${instanceId}: ${by}`)
  const gone = record('retired', `${instanceId} is gone`, `retired by ${asked?.by}: ${asked?.why}`)
  const recordWhenGone = { ...gone, events: [...deleting.events, ...gone.events] }
  await on(cloudQueue, `delete ${instanceId}: ${by}`).deleteInstance({
    ...about,
    reason: by,
    record: deleting,
    recordWhenGone,
  })
  const end = { n: 1, launches: 1, outcome: 'retired', reason: by, placement, instanceId, launchedAt }
  return { attempts: [{ ...end, startedAt: known.readyAt, deletedAt: Date.now() }] }
}
