import type { DrainedRequest, Accepted } from '../domain/wire.ts'
import { endSession } from './session.ts'
import type { Session } from './session.ts'

/** A stopping host has little time: the cloud cuts the power 5 minutes after a spot notice, systemd after 90 s. */
const DRAINED_GIVE_UP_MS = 30_000

/**
 * Takes no work any more: ends the workload gracefully, then tells the API `drained`. A second drain joins the first.
 *
 * @param untilAnswered false when the agent is about to end and must not wait for an absent API
 */
export function drain(session: Session, untilAnswered = true): Promise<void> {
  session.draining ??= drainOnce(session, untilAnswered)
  return session.draining
}

async function drainOnce(session: Session, untilAnswered: boolean): Promise<void> {
  const { api, runtime, bootId, marker } = session
  marker.set()
  runtime.log('info', 'draining: the workload is asked to end')
  await session.workload?.stop()
  const body: DrainedRequest = { bootId }
  const outcome = await api.post<Accepted>(
    '/v1/agent/drained',
    body,
    untilAnswered ? undefined : DRAINED_GIVE_UP_MS,
  )
  if (outcome.kind === 'accepted') runtime.log('info', 'drained')
  else if (outcome.kind === 'refused' && outcome.status === 410) endSession(session, 'gone')
  else runtime.log('error', 'the API did not take "drained"', { ...outcome })
}
