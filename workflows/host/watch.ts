import { ActivityFailure, TimeoutFailure, condition, isCancellation, sleep } from '@temporalio/workflow'
import { deadManMs } from '../../domain/host/state.ts'
import { watchActivityId } from '../../domain/ids.ts'
import { workUntil } from '../work-until.ts'
import { onAgent, onCloud, onWatch } from './activities.ts'
import type { Host } from './host.ts'
import type { StepResult } from './step-result.ts'

/** Longest pause between two tries to open a watch: each try costs a dozen events. */
const MAX_PAUSE_MS = 30_000

/**
 * The host is ready: the agent's heartbeats keep one open activity alive, which adds nothing to the history; where there is
 * no agent, an activity that is retried all the time polls the instance, which adds nothing either. Ends when the
 * heartbeats stop, when the instance is lost, or when this run should continue as a new one.
 */
export const watch = (host: Host): Promise<StepResult> =>
  host.state.liveness === 'none' ? pollInstance(host) : watchHeartbeats(host)

/**
 * Pushes the cloud's automatic release time into the future while `work` is in progress, if the spec wants it kept set
 * (`deadManRenewEveryMs`): an instance that is silent or draining still belongs to the host, just as a watched one does.
 */
export function renewing(host: Host, work: Promise<StepResult>): Promise<StepResult> {
  const everyMs = host.state.spec.deadManRenewEveryMs
  return everyMs === undefined ? work : Promise.race([work, renew(host, everyMs)])
}

async function pollInstance(host: Host): Promise<StepResult> {
  const query = host.instanceQuery()
  const { instanceId } = host.state.current
  if (instanceId === undefined) throw new Error('ready without an instance')
  const activities = onWatch(query.region, `no agent to hear: look at ${instanceId}`)
  const ended = Promise.race([untilRunTimeIsOver(host), untilNewRunIsDue(host)])
  const loss = await workUntil(() => activities.awaitLost({ ...query, instanceId }), ended)
  if (!loss) return undefined
  host.markWritten(query.record.seq)
  return { type: 'lost', reason: loss.reason }
}

/** The watch of an agent times out at the end of the run; polling an instance has no such timeout. */
async function untilRunTimeIsOver(host: Host): Promise<StepResult> {
  await sleep(Math.max(1000, host.runEndsAt() - Date.now()), { summary: 'end of this run' })
  return undefined
}

async function watchHeartbeats(host: Host): Promise<StepResult> {
  const { key } = host.instanceQuery()
  const { heartbeatTimeoutMs } = host.state.spec
  const activityId = watchActivityId(key.generation, key.attempt)
  const summary = `hear ${host.state.current.instanceId}`
  let pauseMs = 1000
  for (;;) {
    const forMs = Math.max(1000, host.runEndsAt() - Date.now())
    const record = host.record()
    const input = record.events.length > 0 ? { ...key, record } : key
    try {
      await onAgent({ activityId, heartbeatTimeoutMs, forMs, summary }).watchAgent(input)
    } catch (error) {
      if (isCancellation(error)) throw error
      if (isTimeout(error, 'HEARTBEAT')) return { type: 'silent' }
      if (isTimeout(error, 'START_TO_CLOSE')) return undefined
      // Any other error says nothing about the agent: the activity is opened again, in a new run once this one is long.
      if (host.shouldContinueAsNew()) return undefined
      await sleep(pauseMs, { summary: 'open the watch again' })
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    }
  }
}

const isTimeout = (error: unknown, type: TimeoutFailure['timeoutType']): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === type

async function renew(host: Host, everyMs: number): Promise<StepResult> {
  const { instanceId } = host.state.current
  if (instanceId === undefined) throw new Error('ready without an instance')
  for (;;) {
    const { renewAt = Date.now() + everyMs } = host.state.current
    await sleep(Math.max(1, renewAt - Date.now()), { summary: 'renew the release time' })
    const query = host.instanceQuery()
    const answer = await onCloud(query.region, `push the release time of ${instanceId}`).renewDeadMan({
      ...query,
      instanceId,
      releaseInMs: deadManMs(everyMs),
    })
    host.markWritten(query.record.seq)
    if (answer.outcome === 'gone') return { type: 'lost', reason: answer.reason }
    host.apply({ type: 'renewed' })
  }
}

/** The server may suggest a new run before the time of this one is over. */
async function untilNewRunIsDue(host: Host): Promise<StepResult> {
  await condition(() => host.shouldContinueAsNew())
  return undefined
}
