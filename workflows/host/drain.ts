import { sleep } from '@temporalio/workflow'
import { clockText } from '../../domain/durations.ts'
import { workUntil } from '../work-until.ts'
import { onWatch } from './activities.ts'
import type { Host } from './host.ts'
import type { StepResult } from './step-result.ts'

/** Most drains are over by then: they cost no look, and no events besides those of their timer. */
const FIRST_LOOK_MS = 60_000

/**
 * Waits until the drain deadline, or until the instance is lost: then no agent is left to report `drained`. The looks are
 * one activity that is retried all the time, which adds nothing to the history.
 */
export async function awaitDrained(host: Host): Promise<StepResult> {
  const until = host.state.drainUntil ?? 0
  const { instanceId } = host.state.current
  if (instanceId === undefined || until - Date.now() <= FIRST_LOOK_MS) {
    await untilDeadline(until)
    return { type: 'drainDeadline' }
  }
  await sleep(FIRST_LOOK_MS, { summary: `draining: looked at after ${clockText(FIRST_LOOK_MS)}` })
  const query = { ...host.instanceQuery(), instanceId, drains: true }
  const activities = onWatch(query.region, `draining: look at ${instanceId}`)
  const loss = await workUntil(() => activities.awaitLost(query), untilDeadline(until))
  if (!loss) return { type: 'drainDeadline' }
  host.markWritten(query.record.seq)
  return { type: 'lost', reason: loss.reason }
}

async function untilDeadline(until: number): Promise<void> {
  const left = until - Date.now()
  if (left > 0) await sleep(left, { summary: 'drain deadline' })
}
