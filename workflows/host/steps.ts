import { ActivityFailure, TimeoutFailure, isCancellation, rootCause, sleep } from '@temporalio/workflow'
import { clockText } from '../../domain/durations.ts'
import { keepMs } from '../../domain/host/attempt-end.ts'
import type { WorkStep } from '../../domain/host/types.ts'
import { deadManMs, failedPlaces, launchWindowMs } from '../../domain/host/state.ts'
import { asMarkdown } from '../../domain/markdown.ts'
import { onCloud, onEvidence, onLaunch, onStore } from './activities.ts'
import { awaitDrained } from './drain.ts'
import type { Host } from './host.ts'
import type { StepResult } from './step-result.ts'
import { watch } from './watch.ts'

/** Between two looks for an instance that may or may not exist. */
const LOOKUP_PAUSE_MS = 60_000
/** Between two judgements of a silence that an outage of ours may have caused. */
const JUDGE_PAUSE_MS = 60_000

/** One function per step; each is one activity or one wait. */
export const STEPS: Record<WorkStep, (host: Host) => Promise<StepResult>> = {
  plan,
  wait: (host) => pause((host.state.waitUntil ?? 0) - Date.now(), host.state.waitReason ?? 'wait'),
  launch,
  lookup,
  lookupPause: () => pause(LOOKUP_PAUSE_MS, 'look again for the instance'),
  awaitRunning,
  awaitStarted,
  becomeReady,
  watch,
  inspect,
  grace,
  judge,
  judgePause: () => pause(JUDGE_PAUSE_MS, 'judge the silence again'),
  tellDrain,
  awaitDrained,
  evidence,
  preserve,
  delete: deleteIt,
}

async function plan(host: Host): Promise<StepResult> {
  const { spec, current } = host.state
  const { key, record } = host.instanceQuery()
  const failed = failedPlaces(host.state)
  const answer = await onStore(`attempt ${current.n}: choose a placement`).planLaunch({
    key,
    launch: current.launch,
    spec,
    record,
    ...(failed.length > 0 && { failedAt: failed }),
    ...(current.refusedAt && { refusedAt: current.refusedAt }),
  })
  host.markWritten(record.seq)
  return answer.outcome === 'placed'
    ? { type: 'planned', placement: answer.placement, keyId: apiOf(host).keyId }
    : { type: 'held', waitMs: answer.waitMs, reason: answer.reason }
}

async function launch(host: Host): Promise<StepResult> {
  const { spec, current } = host.state
  const { placement, bootDeadline, autoReleaseAt, keyId } = current
  if (!placement || bootDeadline === undefined || autoReleaseAt === undefined)
    throw new Error('launch without a plan')
  const query = host.instanceQuery()
  const summary = `launch ${current.n}.${current.launch}: ${placement.instanceType} in ${placement.zone}`
  try {
    const answer = await onLaunch(spec.region, summary, launchWindowMs(spec)).launchInstance({
      ...query,
      launch: current.launch,
      placement,
      ...(current.refusedAt && { refusedAt: current.refusedAt }),
      spec,
      api: { ...apiOf(host), ...(keyId !== undefined && { keyId }) },
      autoReleaseAt,
      tokenExpiresAt: bootDeadline,
    })
    host.markWritten(query.record.seq)
    if (answer.outcome === 'launched') return { type: 'launched', instanceId: answer.instanceId }
    if (answer.outcome === 'unclear') return { type: 'unclear', reason: `${answer.code}: ${answer.message}` }
    return { type: 'refused', kind: answer.kind, code: answer.code, message: answer.message }
  } catch (error) {
    return { type: 'unclear', reason: why(error) }
  }
}

async function lookup(host: Host): Promise<StepResult> {
  const query = host.instanceQuery()
  const { claimedId } = host.state.current
  const found = await onCloud(
    query.region,
    `look for attempt ${query.key.attempt} by its tags`,
  ).findInstances({ ...query, ...(claimedId !== undefined && { claimedId }) })
  host.markWritten(query.record.seq)
  return { type: 'found', instanceIds: found.map((instance) => instance.instanceId) }
}

/** Waits for the running timeout; then, with a line in the journal, until the boot deadline. */
async function awaitRunning(host: Host): Promise<StepResult> {
  const query = instance(host)
  const { spec, current } = host.state
  const { bootDeadline = 0, unseen } = current
  const left = bootDeadline - Date.now()
  if (left <= 0)
    return { type: 'notRunning', reason: 'not seen running before the boot deadline', again: false }
  const withinMs = unseen ? left : Math.min(spec.runningTimeoutMs, left)
  const summary = `await running: ${query.instanceId}`
  try {
    const answer = await onCloud(query.region, summary, withinMs).awaitRunning(query)
    host.markWritten(query.record.seq)
    if (answer.outcome === 'gone') return { type: 'lost', reason: answer.reason }
    const { privateIp, mac } = answer
    return { type: 'running', privateIp, ...(mac !== undefined && { mac }) }
  } catch (error) {
    if (isCancellation(error)) throw error
    return {
      type: 'notRunning',
      reason: `not seen running within ${clockText(spec.runningTimeoutMs)}: ${why(error)}`,
      again: !unseen && isOutOfTime(error),
    }
  }
}

/** If the next try would come too late, the server fails the activity at once, with the failure of the last try. */
const isOutOfTime = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  (error.retryState === 'TIMEOUT' || error.cause instanceof TimeoutFailure)

/** Only a timer, raced with the signal: no activity is in flight, so the time can be skipped. */
async function awaitStarted(host: Host): Promise<StepResult> {
  const left = (host.state.current.bootDeadline ?? 0) - Date.now()
  if (left > 0)
    await sleep(left, {
      summary: `boot deadline, ${clockText(host.state.spec.bootTimeoutMs)} after the launch`,
    })
  return { type: 'deadline' }
}

async function becomeReady(host: Host): Promise<StepResult> {
  const query = instance(host)
  const { spec, current } = host.state
  const answer = await onCloud(
    query.region,
    `ready: ${query.instanceId}, clear its release time`,
  ).becomeReady({
    ...query,
    ...(current.privateIp !== undefined && { privateIp: current.privateIp }),
    ...(spec.deadManRenewEveryMs !== undefined && { releaseInMs: deadManMs(spec.deadManRenewEveryMs) }),
  })
  host.markWritten(query.record.seq)
  return answer.outcome === 'gone' ? { type: 'lost', reason: answer.reason } : { type: 'welcomed' }
}

async function inspect(host: Host): Promise<StepResult> {
  const query = instance(host)
  const answer = await onCloud(query.region, `look at ${query.instanceId}`).inspectSilent(query)
  host.markWritten(query.record.seq)
  const reason = answer.outcome === 'alive' ? '' : answer.reason
  return { type: 'inspected', alive: answer.outcome === 'alive', reason }
}

async function grace(host: Host): Promise<StepResult> {
  const until = (host.state.silentSince ?? Date.now()) + host.state.spec.silentGraceMs
  await pause(until - Date.now(), `silent: judged at the end of ${clockText(host.state.spec.silentGraceMs)}`)
  return { type: 'graceOver' }
}

async function judge(host: Host): Promise<StepResult> {
  const { key, record } = host.instanceQuery()
  const { heartbeatTimeoutMs, silentGraceMs } = host.state.spec
  const verdict = await onStore('is it the host, or is it us?').judgeSilence({
    key,
    record,
    heartbeatTimeoutMs,
    silentGraceMs,
  })
  host.markWritten(record.seq)
  return { type: 'judged', ...verdict }
}

async function tellDrain(host: Host): Promise<StepResult> {
  const { key, record } = host.instanceQuery()
  await onStore('tell the agent to drain').tellAgent({ key, record, command: 'drain' })
  host.markWritten(record.seq)
  return { type: 'drainTold' }
}

async function evidence(host: Host): Promise<StepResult> {
  const query = instance(host)
  try {
    await onEvidence(query.region, `evidence of ${query.instanceId}`).captureEvidence(query)
    host.markWritten(query.record.seq)
  } catch (error) {
    if (isCancellation(error)) throw error
  }
  return { type: 'evidenceTaken' }
}

async function preserve(host: Host): Promise<StepResult> {
  const query = instance(host)
  const forMs = keepMs(host.state)
  const recordWhenKept = host.recordAfter({ type: 'preserved' })
  const answer = await onCloud(
    query.region,
    `keep ${query.instanceId} for ${clockText(forMs)}`,
  ).preserveInstance({
    ...query,
    forMs,
    recordWhenKept,
  })
  host.markWritten(query.record.seq)
  if (answer.outcome === 'gone') return { type: 'gone', note: answer.reason }
  host.markEndWritten(recordWhenKept)
  return { type: 'preserved' }
}

/**
 * Until the cloud confirms that it is gone. A refusal to delete what is not ours ends the attempt all the same, with a
 * line that says so.
 */
async function deleteIt(host: Host): Promise<StepResult> {
  const query = host.instanceQuery()
  const { instanceId, reason = 'no longer wanted' } = host.state.current
  const recordWhenGone = host.recordAfter({ type: 'gone' })
  try {
    await onCloud(
      query.region,
      `delete ${instanceId ?? 'whatever there is'}: ${asMarkdown(reason)}`.slice(0, 200),
    ).deleteInstance({
      ...query,
      ...(instanceId !== undefined && { instanceId }),
      reason,
      recordWhenGone,
    })
    host.markEndWritten(recordWhenGone)
    return { type: 'gone' }
  } catch (error) {
    if (isCancellation(error)) throw error
    return { type: 'gone', note: `not deleted: ${why(error)}` }
  }
}

async function pause(ms: number, summary: string): Promise<StepResult> {
  if (ms > 0) await sleep(ms, { summary: summary.slice(0, 200) })
  return { type: 'waited' }
}

/** What a launch that is planned now passes to its agent. */
const apiOf = ({ state, input }: Host) => state.api ?? input.api

function instance(host: Host) {
  const { instanceId } = host.state.current
  if (instanceId === undefined) throw new Error(`step ${host.state.step} without an instance`)
  return { ...host.instanceQuery(), instanceId }
}

const why = (error: unknown): string => rootCause(error) ?? String(error)
