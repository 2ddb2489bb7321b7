import type {
  AgentCommand,
  CommandAck,
  DrainedRequest,
  Enrollment,
  HeartbeatAnswer,
  HeartbeatRequest,
  StartedAnswer,
  StartedRequest,
  WorkloadState,
} from '../../../domain/wire.ts'
import type { MachineSpec } from '../contract.ts'
import { hardwareOf } from './hardware.ts'

/**
 * What one simulated agent remembers: kept small, there are thousands. It says and obeys what the real one does, but
 * owns no process and runs no workload.
 */
export interface LightAgent {
  readonly spec: MachineSpec
  readonly enrollment: Pick<Enrollment, 'apiUrl' | 'token'>
  readonly bootId: string
  readonly keepsConnection: boolean
  phase: 'starting' | 'beating' | 'ended'
  posts: number
  seq: number
  /** Posts in a row without an answer. */
  failures: number
  heartbeatMs: number
  workload: WorkloadState
  /** `drained` is due before the next beat. */
  owesDrained: boolean
  /** Ends after its next accepted beat. */
  stopping: boolean
  acks: CommandAck[]
  /** When the cloud takes the instance; sent until a beat with it was accepted. */
  reclaimAt?: string | undefined
  /** What the beat under way says of it: the notice may come after that beat has gone. */
  saidReclaimAt?: string | undefined
}

const DEFAULT_HEARTBEAT_MS = 15_000
const REFUSED_RETRY_MS = 60_000
const FIRST_RETRY_MS = 500
const RETRY_CAP_MS = 30_000
const JITTER = 0.1

/** The next thing this agent posts. */
export function nextPost(agent: LightAgent, nowMs: number): { path: string; body: string } {
  const { bootId } = agent
  if (agent.phase === 'starting') {
    const started: StartedRequest = { bootId, facts: hardwareOf(agent.spec, nowMs) }
    return { path: '/v1/agent/started', body: JSON.stringify(started) }
  }
  if (agent.owesDrained) {
    const drained: DrainedRequest = { bootId }
    return { path: '/v1/agent/drained', body: JSON.stringify(drained) }
  }
  agent.seq += 1
  agent.saidReclaimAt = agent.reclaimAt
  const beat: HeartbeatRequest = {
    bootId,
    seq: agent.seq,
    workload: { state: agent.workload, restarts: 0 },
    load: 0,
    ...(agent.acks.length === 0 ? {} : { acks: agent.acks }),
    ...(agent.reclaimAt === undefined ? {} : { reclaimAt: agent.reclaimAt }),
  }
  return { path: '/v1/agent/heartbeat', body: JSON.stringify(beat) }
}

/**
 * Takes the answer to the last {@link nextPost}; status 0 stands for none.
 *
 * @param random 0 ≤ x < 1
 * @returns after how many milliseconds the next post is due; undefined when the agent has ended
 */
export function takeAnswer(
  agent: LightAgent,
  status: number,
  body: string,
  random: number,
): number | undefined {
  if (status === 410) {
    agent.phase = 'ended'
    return undefined
  }
  const accepted = status >= 200 && status < 300
  const answer = accepted ? parseJson(body) : {}
  const silent = status === 0 || status === 408 || status === 429 || status >= 500 || answer === undefined
  if (silent) return retryMs(agent, random)
  agent.failures = 0
  if (agent.phase === 'starting') return afterStarted(agent, accepted, answer, random)
  if (agent.owesDrained) {
    agent.owesDrained = false
    return 0
  }
  return accepted ? afterBeat(agent, answer, random) : rhythm(agent, random)
}

function afterStarted(
  agent: LightAgent,
  accepted: boolean,
  answer: Partial<StartedAnswer>,
  random: number,
): number {
  if (!accepted) return REFUSED_RETRY_MS * (1 - JITTER * random)
  const { heartbeatSeconds = 0, workload } = answer
  agent.heartbeatMs = heartbeatSeconds > 0 ? heartbeatSeconds * 1000 : DEFAULT_HEARTBEAT_MS
  agent.workload = workload === undefined ? 'none' : 'running'
  agent.phase = 'beating'
  return rhythm(agent, random)
}

function afterBeat(agent: LightAgent, answer: Partial<HeartbeatAnswer>, random: number): number | undefined {
  if (agent.stopping) {
    agent.phase = 'ended'
    return undefined
  }
  agent.acks = []
  if (agent.reclaimAt === agent.saidReclaimAt) agent.reclaimAt = undefined
  for (const command of answer.commands ?? []) obey(agent, command)
  return agent.owesDrained ? 0 : rhythm(agent, random)
}

function obey(agent: LightAgent, { id, kind }: AgentCommand): void {
  if (kind !== 'drain' && kind !== 'stop') {
    agent.acks.push({ id, ok: false, error: `a simulated agent cannot "${kind}"` })
    return
  }
  agent.acks.push({ id, ok: true })
  agent.owesDrained = true
  agent.workload = agent.workload === 'none' ? 'none' : 'stopped'
  if (kind === 'stop') agent.stopping = true
}

/** Undefined for what is no JSON: something else than the API answered. */
function parseJson(body: string): Partial<StartedAnswer & HeartbeatAnswer> | undefined {
  try {
    return JSON.parse(body || '{}') as Partial<StartedAnswer & HeartbeatAnswer>
  } catch {
    return undefined
  }
}

function retryMs(agent: LightAgent, random: number): number {
  const ceilingMs = Math.min(RETRY_CAP_MS, FIRST_RETRY_MS * 2 ** Math.min(agent.failures, 16))
  agent.failures += 1
  return random * (agent.phase === 'starting' ? ceilingMs : Math.min(ceilingMs, agent.heartbeatMs))
}

/** A stopping agent sends its last beat at once. */
function rhythm(agent: LightAgent, random: number): number {
  return agent.stopping ? 0 : agent.heartbeatMs * (1 - JITTER * random)
}
