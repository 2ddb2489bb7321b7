import { ActivityFailure, TimeoutFailure, condition, isCancellation, sleep } from '@temporalio/workflow'
import { deadManMs } from '../../domain/host/state.ts'
import { watchActivityId } from '../../domain/ids.ts'
import { workUntil } from '../work-until.ts'
import { onAgent, onCloud, onWatch } from './activities.ts'
import type { Host } from './host.ts'
import type { StepResult } from './step-result.ts'

/** Between two tries to open a watch: each costs a dozen events. */
const LONGEST_PAUSE_MS = 30_000

/**
 * Ready: the agent's beats keep one open activity alive, at no cost in history; where there is no agent to hear, an
 * activity that is tried again and again looks at the instance, at no cost either. Ends when the beats stop, when the
 * instance is lost, or when this run is to go on as a new one.
 */
export const watch = (host: Host): Promise<StepResult> =>
  host.state.liveness === 'none' ? lookAfter(host) : hear(host)

/**
 * Keeps the cloud's dead-man switch from going off while that goes on, when the spec wants it kept armed: an instance that
 * is silent or drains is the host's as one that is watched.
 */
export function renewing(host: Host, work: Promise<StepResult>): Promise<StepResult> {
  const everyMs = host.state.spec.deadManRenewEveryMs
  return everyMs === undefined ? work : Promise.race([work, renew(host, everyMs)])
}

async function lookAfter(host: Host): Promise<StepResult> {
  const query = host.query()
  const { instanceId } = host.state.current
  if (instanceId === undefined) throw new Error('ready without an instance')
  const todo = onWatch(query.region, `no agent to hear: look at ${instanceId}`)
  const ended = Promise.race([endOfDay(host), endOfRun(host)])
  const loss = await workUntil(() => todo.awaitLost({ ...query, instanceId }), ended)
  if (!loss) return undefined
  host.markWritten(query.record.seq)
  return { type: 'lost', reason: loss.reason }
}

/** The watch of an agent ends with its run; the looks at an instance end with nothing. */
async function endOfDay(host: Host): Promise<StepResult> {
  await sleep(Math.max(1000, host.runEndsAt() - Date.now()), { summary: 'end of this run' })
  return undefined
}

async function hear(host: Host): Promise<StepResult> {
  const { key } = host.query()
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
      // Anything else says nothing about the agent: the activity is opened again, in a new run once this one is long.
      if (host.shouldContinueAsNew()) return undefined
      await sleep(pauseMs, { summary: 'open the watch again' })
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
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
    const query = host.query()
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

/** The server may want a new run earlier than its time is over. */
async function endOfRun(host: Host): Promise<StepResult> {
  await condition(() => host.shouldContinueAsNew())
  return undefined
}
