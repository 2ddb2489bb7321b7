import { MusterError } from '../../domain/errors.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { ReclaimNotice } from '../../domain/messages.ts'
import type { HeartbeatAnswer, HeartbeatRequest } from '../../domain/wire.ts'
import { askStore } from '../store-call.ts'
import { goneError } from '../temporal/host-calls.ts'
import type { AgentIdentity } from './auth.ts'
import type { AgentContext } from './context.ts'
import { hasStarted } from './has-started.ts'

/** One beat: keeps the host's `watchAgent` activity alive, carries acknowledgements in and commands out. */
export async function acceptHeartbeat(
  context: AgentContext,
  agent: AgentIdentity,
  beat: HeartbeatRequest,
): Promise<HeartbeatAnswer> {
  const { deps, beats, commands, reportFailure } = context
  const { key } = agent
  const now = deps.clock()
  const details = { seq: beat.seq, workload: beat.workload, load: beat.load, at: new Date(now).toISOString() }
  const isWatched = await passOn(context, agent, details)
  beats.add(agent.name, {
    key,
    at: now,
    workload: beat.workload.state,
    load: beat.load,
    ...(beat.sentAt !== undefined && { clockSkewMs: Date.parse(beat.sentAt) - now }),
  })
  await keepWhatItBrought(context, agent, beat, now)
  if (beat.reclaimAt !== undefined) await passOnReclaim(context, agent, Date.parse(beat.reclaimAt) - now)
  if (isWatched && beat.workload.state === 'failed') await reportFailure(agent, beat, now)
  return { commands: await commands.pending(agent) }
}

/**
 * Whether beats reach Temporal decides whether this API's pulse counts (see `pulse.ts`).
 *
 * @returns whether the host is ready or silent: only then does it take in what its workload has come to
 */
async function passOn(context: AgentContext, agent: AgentIdentity, details: object): Promise<boolean> {
  const { calls, metrics, pulse } = context
  let answer: 'accepted' | 'notFound'
  try {
    answer = await calls.heartbeat(agent.key, details)
  } catch (error) {
    pulse.noteBeat(false)
    metrics.beats.inc({ outcome: 'unavailable' })
    throw error
  }
  pulse.noteBeat(true)
  if (answer === 'notFound') return await explainNotFound(context, agent)
  metrics.beats.inc({ outcome: 'accepted' })
  return true
}

/**
 * No such activity: the worker has not picked it up yet, a continue-as-new is under way, the host is silent, or it is
 * over. Only the last one ends the agent, and only when the workflow proves it.
 */
async function explainNotFound(context: AgentContext, agent: AgentIdentity): Promise<boolean> {
  const { deps, calls, metrics, tellHeard } = context
  const status = await calls.attemptStatus(agent.key)
  metrics.beats.inc({ outcome: status.kind })
  if (status.kind === 'gone') throw goneError(status.reason)
  if (status.kind === 'current') return false
  await tellHeard(agent, deps.clock())
  return true
}

/** The cloud announces minutes ahead: beyond this the clock of whoever says so is wrong. */
const MAX_NOTICE_MS = 24 * 3600_000
/**
 * Agents report within seconds of a notice of five minutes: less is left only where a clock is wrong, ours perhaps, or the
 * agent was away. Draining for longer than there is time costs nothing, the cloud ends it; for less costs the work.
 */
const LEAST_NOTICE_MS = 3 * 60_000

/** Before the 200, with which the agent forgets it. The host takes the first of several. */
async function passOnReclaim({ calls }: AgentContext, { key }: AgentIdentity, inMs: number): Promise<void> {
  const notice: ReclaimNotice = {
    generation: key.generation,
    attempt: key.attempt,
    reason: 'the metadata service has announced it',
    inMs: Math.min(MAX_NOTICE_MS, Math.max(LEAST_NOTICE_MS, inMs)),
  }
  await calls.signal(key, HOST_SIGNALS.reclaimNotice, notice)
}

/** An agent forgets acknowledgements and facts with the 200, so they are written before it, or it gets a 503. */
async function keepWhatItBrought(
  context: AgentContext,
  agent: AgentIdentity,
  { facts, acks }: HeartbeatRequest,
  now: number,
): Promise<void> {
  const { store } = context.deps
  if (acks !== undefined && acks.length > 0) {
    await askStore('keep the acknowledgements', () => store.commands.acknowledge(agent.key, acks, now))
  }
  if (facts === undefined) return
  await refuseBeforeStarted(context, agent)
  await askStore('keep the facts of this host', () => store.hosts.setFacts([{ key: agent.key, facts }], now))
}

/**
 * Facts in the store prove an accepted `started`, with which a token outlives its expiry: those of a beat must not be the
 * first. An honest agent that beats before its `started` is written, within a second, brings them again.
 */
async function refuseBeforeStarted({ readHostSummary }: AgentContext, { key }: AgentIdentity): Promise<void> {
  const row = await askStore('read the host of these facts', () => readHostSummary(key.host))
  if (hasStarted(row, key)) return
  throw new MusterError(
    'unavailable',
    `host ${key.host} has not said started as far as is known yet; try again`,
    {
      details: { retryAfterSeconds: 2 },
    },
  )
}
