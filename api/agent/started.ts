import { isExpired } from '../../domain/enrollment/token.ts'
import { MusterError } from '../../domain/errors.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { StartedSignal } from '../../domain/messages.ts'
import type { StartedAnswer, StartedRequest } from '../../domain/wire.ts'
import type { HostSummary } from '../../store/contract.ts'
import { reasonOf } from '../errors.ts'
import { askStore } from '../store-call.ts'
import { goneError } from '../temporal/host-calls.ts'
import type { AgentIdentity } from './auth.ts'
import type { AgentContext } from './context.ts'
import { hasStarted } from './has-started.ts'

/**
 * `started`: one look into the store, one signal. Temporal is asked nothing more unless the store's row looks as if the
 * attempt were over: the row is a projection and proves that only by a later attempt of the same generation.
 *
 * The signal is sent even when the store cannot be read: the boot deadline runs in the workflow, which checks generation
 * and attempt itself. The agent then gets 503 and asks again for its workload; the workflow ignores the repetition.
 */
export async function acceptStarted(
  context: AgentContext,
  agent: AgentIdentity,
  request: StartedRequest,
): Promise<StartedAnswer> {
  const { deps, calls, metrics } = context
  const found = await findRow(context, agent)
  if (found.row !== undefined) await refuseEnded(context, agent, found.row)
  refuseExpired(agent, found, deps.clock())
  if (found.row !== undefined) refuseOtherInstance(agent, found.row, request)
  const { generation, attempt } = agent.key
  const signal: StartedSignal = {
    generation,
    attempt,
    bootId: request.bootId,
    facts: request.facts,
    liveness: 'agent',
  }
  await calls.signal(agent.key, HOST_SIGNALS.started, signal)
  metrics.started.inc({ liveness: 'agent' })
  context.beats.addFacts(agent.name, agent.key, request.facts)
  return await answerOf(context, agent, found)
}

type Found = { row: HostSummary | undefined; failure?: unknown }

async function findRow({ deps, readHostSummary }: AgentContext, { key }: AgentIdentity): Promise<Found> {
  try {
    return { row: await readHostSummary(key.host) }
  } catch (error) {
    deps.log.warn({ host: key.host, reason: reasonOf(error) }, 'the store did not answer a started')
    return { row: undefined, failure: error }
  }
}

async function refuseEnded(context: AgentContext, { key }: AgentIdentity, row: HostSummary): Promise<void> {
  const sameGeneration = row.generation === key.generation
  if (sameGeneration && row.attempt > key.attempt) {
    throw goneError(`host ${key.host} is at attempt ${row.attempt}, past attempt ${key.attempt}`)
  }
  const isEnding = row.attempt === key.attempt && (row.phase === 'deleting' || row.phase === 'retired')
  if (sameGeneration && !isEnding) return
  const status = await context.calls.attemptStatus(key)
  if (status.kind === 'gone') throw goneError(status.reason)
}

/** A reboot long after the launch is welcome: the expiry bounds only the first `started` that was accepted. */
function refuseExpired({ claims, key }: AgentIdentity, { row, failure }: Found, now: number): void {
  if (!isExpired(claims, now)) return
  if (failure !== undefined) throw unread(key.host, failure)
  if (hasStarted(row, key)) return
  throw new MusterError(
    'unauthorized',
    `the enrollment token of ${key.host} expired at ${new Date(claims.expiresAt).toISOString()} before its first started`,
  )
}

function refuseOtherInstance({ key }: AgentIdentity, row: HostSummary, { facts }: StartedRequest): void {
  if (row.generation !== key.generation || row.attempt !== key.attempt) return
  if (row.instanceId === undefined || row.instanceId === facts.instanceId) return
  throw new MusterError(
    'conflict',
    `attempt ${key.attempt} of host ${key.host} is another instance; was user data copied to this one?`,
  )
}

/** The workload stands in the spec that the row names; a row of an older attempt may name an older spec. */
async function answerOf(
  { deps, readSpec }: AgentContext,
  { key }: AgentIdentity,
  { row, failure }: Found,
): Promise<StartedAnswer> {
  if (row === undefined || row.generation !== key.generation || row.attempt !== key.attempt) {
    throw unread(key.host, failure)
  }
  const spec = await askStore('give the spec of this host', () => readSpec(row.specHash))
  if (spec === undefined) throw unread(key.host, undefined)
  return {
    heartbeatSeconds: spec.heartbeatSeconds || deps.heartbeatSeconds,
    ...(spec.workload === undefined ? {} : { workload: spec.workload }),
    files: [],
  }
}

function unread(host: string, cause: unknown): MusterError {
  return new MusterError(
    'unavailable',
    `host ${host} is noted, but what it shall run cannot be read yet; try again`,
    {
      cause,
      details: { retryAfterSeconds: 2 },
    },
  )
}
