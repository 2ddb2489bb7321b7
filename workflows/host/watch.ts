import { ActivityFailure, TimeoutFailure, condition, isCancellation, sleep } from '@temporalio/workflow'
import { deadManMs } from '../../domain/host/state.ts'
import { watchActivityId } from '../../domain/ids.ts'
import { onAgent, onCloud } from './activities.ts'
import type { Host } from './host.ts'
import type { StepResult } from './step-result.ts'

/** A host that cannot beat is looked at this often instead. */
const CHECK_EVERY_MS = 5 * 60_000

/**
 * Ready: the agent's beats keep one open activity alive, at no cost in history. Ends when they stop, when the instance
 * is lost, or when this run is to go on as a new one.
 */
export async function watch(host: Host): Promise<StepResult> {
  if (host.state.liveness === 'none') {
    await sleep(CHECK_EVERY_MS, { summary: 'no agent to hear: look at the instance' })
    return { type: 'checkDue' }
  }
  return await Promise.race([hear(host), renew(host), endOfRun(host)])
}

async function hear(host: Host): Promise<StepResult> {
  const { key } = host.query()
  const { heartbeatTimeoutMs } = host.state.spec
  const activityId = watchActivityId(key.generation, key.attempt)
  const summary = `hear ${host.state.current.instanceId}`
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
      // Anything else says nothing about the agent: the activity is opened anew.
      await sleep(1000, { summary: 'open the watch again' })
    }
  }
}

const isTimeout = (error: unknown, type: TimeoutFailure['timeoutType']): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === type

/** Renews the cloud's dead-man switch, when the spec wants it kept armed. */
async function renew(host: Host): Promise<StepResult> {
  const everyMs = host.state.spec.deadManRenewEveryMs
  const { instanceId } = host.state.current
  if (everyMs === undefined || instanceId === undefined) return await new Promise<never>(() => {})
  for (;;) {
    await sleep(everyMs, { summary: 'renew the release time' })
    const query = host.query()
    const answer = await onCloud(query.region, `push the release time of ${instanceId}`).renewDeadMan({
      ...query,
      instanceId,
      releaseInMs: deadManMs(everyMs),
    })
    host.wrote(query.record.seq)
    if (answer.outcome === 'gone') return { type: 'lost', reason: answer.reason }
  }
}

/** The server may want a new run earlier than its time is over, which the watch itself tells: a timer would cost two events. */
async function endOfRun(host: Host): Promise<StepResult> {
  await condition(() => host.shouldContinueAsNew())
  return undefined
}
