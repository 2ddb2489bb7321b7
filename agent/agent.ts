import type { StartedAnswer } from '../domain/wire.ts'
import { announce } from './announce.ts'
import { keepBeating } from './beat.ts'
import { readBootId } from './boot-id.ts'
import { askPhysicalCores } from './cpu.ts'
import { createDrainMarker } from './drain-marker.ts'
import { completeFacts, quickFacts } from './facts.ts'
import { createHttpClient } from './http.ts'
import type { HttpClient } from './http.ts'
import { learnIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { createMetadataService } from './metadata.ts'
import type { AgentOptions } from './options.ts'
import type { Log } from './log.ts'
import { createApi } from './post.ts'
import type { Api } from './post.ts'
import { watchReclaim } from './reclaim.ts'
import { endSession } from './session.ts'
import type { Session } from './session.ts'
import type { Runtime } from './runtime.ts'
import { startWork } from './work.ts'

export interface AgentInput {
  options: AgentOptions
  runtime: Runtime
  /** Epoch milliseconds. */
  programStartedAtMs: number
  /** Command line that runs this program again, for its CPU helper. */
  ownCommand: string[]
  /** Called once, when there is something to end in good order. */
  onStarted: (control: AgentControl) => void
}

export interface AgentControl {
  /** The system wants to end the agent: the workload gets its graceful stop, a last beat is sent. Not a drain. */
  stop(): Promise<void>
  /** The agent dies: what it started must not live on without it. */
  kill(): void
}

/**
 * The agent's life: who am I → `started` → work and beats → end.
 *
 * @returns exit code
 */
export async function runAgent(input: AgentInput): Promise<number> {
  const { options } = input
  const http = createHttpClient(options)
  const metadata = createMetadataService(http, options.metadataUrl)
  const identity = await learnIdentity(metadata, options, input.runtime)
  if (identity === undefined) return notOurs(input.runtime)
  const runtime = { ...input.runtime, log: logAs(identity, input.runtime.log) }
  const bootId = options.bootId ?? (await readBootId(options.stateDir, runtime.nowMs()))
  const api = openApi(input, runtime, identity, http, bootId)
  const facts = quickFacts(identity, input.programStartedAtMs)
  const answer = await announce(api, { bootId, facts }, runtime)
  if (answer === 'gone') return over(runtime)
  runtime.log('info', 'started', { bootId })

  const session = openSession(input, runtime, identity, api, bootId, answer)
  input.onStarted(controlOf(session))
  void startWork(session, answer, options)
  void watchReclaim(session, metadata)
  const cpu = askPhysicalCores(input.ownCommand, runtime.log)
  void cpu.found.then((found) => (session.facts = completeFacts(facts, found)))
  const endReason = await keepBeating(session)
  endSession(session, endReason)
  cpu.kill()
  await session.workload?.stop()
  http.close()
  if (endReason === 'gone') return over(runtime)
  runtime.log('info', 'the agent ends as it was told to')
  return 0
}

function controlOf(session: Session): AgentControl {
  return {
    stop: async () => {
      await session.workload?.stop()
      endSession(session, 'stopped')
    },
    kill: () => session.workload?.kill(),
  }
}

function openApi(
  { programStartedAtMs }: AgentInput,
  runtime: Runtime,
  identity: Identity,
  http: HttpClient,
  bootId: string,
): Api {
  const { apiUrl, token } = identity
  const runId = `${bootId}-${Math.round(programStartedAtMs).toString(36)}`
  return createApi({ apiUrl, token, http, runtime, runId })
}

function openSession(
  { options }: AgentInput,
  runtime: Runtime,
  identity: Identity,
  api: Api,
  bootId: string,
  answer: StartedAnswer,
): Session {
  const { heartbeatSeconds } = answer
  return {
    api,
    runtime,
    bootId,
    heartbeatMs: (heartbeatSeconds > 0 ? heartbeatSeconds : DEFAULT_HEARTBEAT_SECONDS) * 1000,
    seq: 0,
    acks: [],
    obeyed: new Set(),
    workloadState: { state: 'none', restarts: 0 },
    marker: createDrainMarker(options.stateDir, Object.values(nameOf(identity)).join(' '), runtime.log),
  }
}

const DEFAULT_HEARTBEAT_SECONDS = 15

function nameOf({ enrollment, instanceId }: Identity): Record<string, unknown> {
  if (enrollment === undefined) return { byHand: instanceId }
  const { host, generation, attempt } = enrollment
  return { host, generation, attempt }
}

/** Every line says which host speaks. */
function logAs(identity: Identity, log: Log): Log {
  const names = { ...nameOf(identity), instanceId: identity.instanceId }
  return (level, message, fields) => log(level, message, { ...names, ...fields })
}

/** Exit code 0: the image's service starts the agent again only after a failure. */
function over({ log }: Runtime): number {
  log('info', 'the API says that this attempt is over (410): the agent ends')
  return 0
}

function notOurs({ log }: Runtime): number {
  log('error', 'no enrollment in the user data: Muster did not launch this instance, the agent ends')
  return 0
}
