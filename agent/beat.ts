import type { HeartbeatAnswer, HeartbeatRequest } from '../domain/wire.ts'
import { obeyCommands } from './commands.ts'
import { loadPerCpu } from './facts.ts'
import { isoTime } from './iso-time.ts'
import { retryDelayMs } from './post.ts'
import type { Outcome } from './post.ts'
import { reportWorkload } from './session.ts'
import type { EndReason, Session } from './session.ts'

/** Beats come up to this much earlier than asked, never later: hosts that booted together drift apart. */
const JITTER = 0.1
/** The API takes no more in one beat; the rest follows with the next. */
const MAX_ACKS = 100

/**
 * Beats until the agent ends. A beat that got no answer is not repeated but built from scratch: the next one, with its own
 * number and the state of its moment, after full jitter and never later than the rhythm.
 *
 * An agent that is told to end sends one more beat, which carries the end of its workload and its acknowledgements: a
 * beat that was under way at that moment knows of neither. An unreachable API is not waited for.
 */
export async function keepBeating(session: Session): Promise<EndReason> {
  let failures = 0
  let waitMs = nextBeatMs(session)
  for (;;) {
    await waitForBeat(session, waitMs)
    const told = session.endReason
    if (told === 'gone') return 'gone'
    const outcome = await beatOnce(session)
    if (outcome.kind === 'refused' && outcome.status === 410) return 'gone'
    if (told !== undefined) return told
    failures = outcome.kind === 'unanswered' ? failures + 1 : 0
    waitMs = outcome.kind === 'unanswered' ? retryBeatMs(session, outcome, failures) : nextBeatMs(session)
  }
}

/** One beat; what it carried is forgotten only when it was accepted. */
export async function beatOnce(session: Session): Promise<Outcome<HeartbeatAnswer>> {
  const { api, runtime } = session
  const request = composeBeat(session)
  const outcome = await api.send<HeartbeatAnswer>('/v1/agent/heartbeat', request, api.nextKey())
  if (outcome.kind === 'accepted') {
    if (session.facts === request.facts) session.facts = undefined
    if (session.reclaimAt === request.reclaimAt) session.reclaimAt = undefined
    session.acks = session.acks.filter((ack) => !request.acks?.includes(ack))
    obeyCommands(session, outcome.body.commands ?? [])
  } else if (outcome.kind === 'unanswered') {
    runtime.log('warn', 'a beat got no answer', { seq: request.seq, reason: outcome.reason })
  } else if (outcome.status !== 410) {
    // Only a proven 410 stops an agent: a key change gone wrong must not empty a fleet.
    runtime.log('error', 'a beat was refused', { seq: request.seq, ...outcome })
  }
  return outcome
}

function composeBeat(session: Session): HeartbeatRequest {
  session.seq += 1
  return {
    bootId: session.bootId,
    seq: session.seq,
    workload: reportWorkload(session),
    load: loadPerCpu(),
    sentAt: isoTime(session.runtime.nowMs()),
    ...(session.facts === undefined ? {} : { facts: session.facts }),
    ...(session.reclaimAt === undefined ? {} : { reclaimAt: session.reclaimAt }),
    ...(session.acks.length === 0 ? {} : { acks: session.acks.slice(0, MAX_ACKS) }),
  }
}

function nextBeatMs({ heartbeatMs, runtime }: Session): number {
  return heartbeatMs * (1 - JITTER * runtime.random())
}

function retryBeatMs(
  { heartbeatMs, runtime }: Session,
  outcome: { retryAfterMs?: number },
  failures: number,
): number {
  return Math.max(100, Math.min(heartbeatMs, retryDelayMs(outcome, failures, runtime.random())))
}

/** Until the next beat is due, or at once when the session is ending. */
async function waitForBeat(session: Session, waitMs: number): Promise<void> {
  if (session.endReason !== undefined) return
  await new Promise<void>((resolve, reject) => {
    session.wake = resolve
    session.runtime.sleep(waitMs).then(resolve, reject)
  })
  session.wake = undefined
}
