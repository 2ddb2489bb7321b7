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
import type { AttemptKey } from '../../domain/ids.ts'
import type { AboutAttempt, Attribution, StartedSignal } from '../../domain/messages.ts'
import type { Owner } from '../../domain/tags.ts'

const PHASE = defineSearchAttributeKey('MusterPhase', 'KEYWORD')
const ZONE = defineSearchAttributeKey('MusterZone', 'KEYWORD')
const TYPE = defineSearchAttributeKey('MusterInstanceType', 'KEYWORD')
const INSTANCE = defineSearchAttributeKey('MusterInstanceId', 'KEYWORD')
const ADDRESS = defineSearchAttributeKey('MusterPrivateIp', 'KEYWORD')
const READY_AT = defineSearchAttributeKey('MusterReadyAt', 'DATETIME')

const started = defineSignal<[StartedSignal]>('started')
const drained = defineSignal<[AboutAttempt]>('drained')
const retire = defineUpdate<{ phase: string }, [Attribution]>('retire')

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
  const generation = workflowInfo().firstExecutionRunId.replaceAll('-', '').slice(-10)
  const life: Life = {
    input,
    key: { host: input.host, generation, attempt: 1 },
    owner: { controller: input.controller, namespaceId: input.namespaceId },
    known: {},
    seq: 0,
    isDrained: false,
  }
  setHandler(started, (told) => void (life.signal = told))
  setHandler(drained, () => void (life.isDrained = true))
  setHandler(retire, (request) => {
    life.asked = request
    return { phase: 'draining', attempt: 1, generation }
  })
  const instanceId = await launch(life)
  await boot(life, instanceId)
  await untilAsked(life, instanceId)
  const reason = `retire by ${life.asked?.by}: ${life.asked?.why}`
  await drain(life, reason)
  await remove(life, instanceId, reason)
  const { launchedAt, readyAt, zone, instanceType } = life.known
  const end = { n: 1, launches: 1, outcome: 'retired', reason, instanceId, launchedAt, startedAt: readyAt }
  return {
    attempts: [
      { ...end, placement: { ...input.spec.placements[0], zone, instanceType }, deletedAt: Date.now() },
    ],
  }
}

interface Life {
  input: HostInput
  key: AttemptKey
  owner: Owner
  known: Partial<HostRecord>
  seq: number
  signal?: StartedSignal
  asked?: Attribution
  isDrained: boolean
}

/** As large as a host's own record at that point. */
function record(life: Life, phase: HostPhase, ...texts: string[]): HostRecord {
  const { input, key, known } = life
  const { specHash, spec } = input
  const events = texts.map((text): HostEvent => {
    life.seq += 1
    return { seq: life.seq, at: Date.now(), kind: 'planned', attempt: 1, text }
  })
  const state = { phase, seq: life.seq, specHash, imageId: spec.imageId, region: spec.region }
  const { liveness, reason } = { liveness: 'agent' as const, reason: '' }
  return { ...key, fleet: 'bench', slot: 1, at: Date.now(), ...state, liveness, reason, events, ...known }
}

async function launch(life: Life): Promise<string> {
  const { input, key, owner, known } = life
  const { spec } = input
  const { region } = spec
  const born = record(life, 'launching', `generation ${key.generation} of ${key.host} begins`)
  const plan = await on(MAIN, 'attempt 1: choose a placement').planLaunch({
    key,
    launch: 1,
    spec,
    record: born,
  })
  if (plan.outcome !== 'placed') throw unlucky(plan.outcome)
  const { placement } = plan
  const launchedAt = Date.now()
  const bootDeadline = launchedAt + spec.bootTimeoutMs
  Object.assign(known, {
    zone: placement.zone,
    instanceType: placement.instanceType,
    launchedAt,
    bootDeadline,
  })
  const where = `${placement.instanceType} in ${placement.zone}`
  const launching = record(life, 'launching', `launch 1: ${where}`)
  const options = { scheduleToCloseTimeout: 600_000 }
  const answer = await on(`rival-ecs-launch:${region}`, `launch 1.1: ${where}`, options).launchInstance({
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
  if (answer.outcome !== 'launched') throw unlucky(answer.outcome)
  known.instanceId = answer.instanceId
  upsertSearchAttributes([
    { key: PHASE, value: 'booting' },
    { key: ZONE, value: placement.zone },
    { key: TYPE, value: placement.instanceType },
    { key: INSTANCE, value: answer.instanceId },
  ])
  return answer.instanceId
}

async function boot(life: Life, instanceId: string): Promise<void> {
  const { input, known } = life
  const about = aboutInstance(life, instanceId)
  const booting = record(life, 'booting', `${instanceId} accepted`)
  const options = { scheduleToCloseTimeout: input.spec.runningTimeoutMs }
  const look = on(cloudQueue(life), `await running: ${instanceId}`, options)
  const running = await look.awaitRunning({ ...about, record: booting })
  if (running.outcome !== 'running') throw unlucky(running.outcome)
  const { privateIp, mac } = running
  Object.assign(known, { privateIp, mac })
  const left = (known.bootDeadline ?? 0) - Date.now()
  await condition(() => life.signal !== undefined, left, { summary: 'boot deadline, 20:00 after the launch' })
  known.readyAt = Date.now()
  upsertSearchAttributes([
    { key: PHASE, value: 'ready' },
    { key: ADDRESS, value: privateIp },
    { key: READY_AT, value: new Date(known.readyAt) },
  ])
  const ready = record(life, 'ready', `running at ${privateIp}`, 'started after 0:01')
  const clear = on(cloudQueue(life), `ready: ${instanceId}, clear its release time`)
  await clear.becomeReady({ ...about, privateIp, record: ready })
}

/** Watches the agent until somebody wants the host to go. */
async function untilAsked(life: Life, instanceId: string): Promise<void> {
  const { input, key } = life
  const watching = new CancellationScope()
  const options = {
    activityId: `agent-${key.generation}-1`,
    startToCloseTimeout: 86_400_000,
    heartbeatTimeout: input.spec.heartbeatTimeoutMs,
    retry: { maximumAttempts: 1 },
  }
  const watch = watching.run(() => on(MAIN, `hear ${instanceId}`, options).watchAgent(key))
  watch.catch((error: unknown) => {
    if (!isCancellation(error)) throw error
  })
  await condition(() => life.asked !== undefined)
  watching.cancel()
}

async function drain(life: Life, reason: string): Promise<void> {
  const { input, key } = life
  upsertSearchAttributes([{ key: PHASE, value: 'draining' }])
  const draining = record(life, 'draining', reason, 'draining for at most 10:00')
  await on(MAIN, 'tell the agent to drain').tellAgent({ key, record: draining, command: 'drain' })
  await condition(() => life.isDrained, input.spec.drainTimeoutMs, { summary: 'drain deadline' })
}

async function remove(life: Life, instanceId: string, reason: string): Promise<void> {
  upsertSearchAttributes([{ key: PHASE, value: 'deleting' }])
  const deleting = record(life, 'deleting', 'drained: the workload has ended', `${instanceId}: ${reason}`)
  const gone = record(life, 'retired', `${instanceId} is gone`, reason)
  const recordWhenGone = { ...gone, events: [...deleting.events, ...gone.events] }
  const about = aboutInstance(life, instanceId)
  const activities = on(cloudQueue(life), `delete ${instanceId}: ${reason}`)
  await activities.deleteInstance({ ...about, reason, record: deleting, recordWhenGone })
}

const cloudQueue = ({ input }: Life): string => `rival-ecs:${input.spec.region}`

const aboutInstance = ({ input, owner, key }: Life, instanceId: string) => ({
  region: input.spec.region,
  owner,
  key,
  instanceId,
})

const unlucky = (outcome: string): Error => new Error(`the activities of a benchmark answered ${outcome}`)
