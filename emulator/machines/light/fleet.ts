import { randomUUID } from 'node:crypto'
import type { MachineSpec } from '../contract.ts'
import { enrollmentOf } from './enrollment.ts'
import { nextPost, takeAnswer } from './light-agent.ts'
import type { LightAgent } from './light-agent.ts'
import { createLightHttp } from './post.ts'
import type { LightAnswer, LightHttp } from './post.ts'
import { createScheduler } from './scheduler.ts'

/** Simulated agents of a room: thousands, with one timer and few open posts among them. */
export interface LightFleet {
  /** @returns undefined when the user data holds no enrollment: such a machine stays silent */
  start(spec: MachineSpec): LightAgent | undefined
  /** At once, as by a power cut. */
  stop(agent: LightAgent): void
  /** Agents that have not ended. */
  readonly size: number
  close(): void
}

export interface LightFleetOptions {
  /** Posts on their way at a time; more wait. Default 256. */
  maxPosts?: number
  /** Agents that keep their connection between beats; the others open one for each post. Default 1,000. */
  maxKeptConnections?: number
  nowMs?: () => number
  random?: () => number
}

export function createLightFleet(options: LightFleetOptions = {}): LightFleet {
  const { maxPosts = 256, maxKeptConnections = 1_000, nowMs = Date.now, random = Math.random } = options
  const http = createLightHttp()
  const scheduler = createScheduler({ maxTurns: maxPosts, nowMs, turn })
  let size = 0
  let kept = 0
  let closed = false

  async function turn(agent: LightAgent): Promise<number | undefined> {
    if (agent.phase === 'ended') return undefined
    const { status, body } = await sendNext(agent, http, nowMs())
    // Powered off meanwhile.
    if (isEnded(agent)) return undefined
    const waitMs = takeAnswer(agent, status, body, random())
    if (waitMs === undefined) forget(agent)
    return waitMs
  }

  function forget(agent: LightAgent): void {
    size -= 1
    if (agent.keepsConnection) kept -= 1
  }

  return {
    start(spec) {
      const enrollment = enrollmentOf(spec.userData)
      if (enrollment === undefined || closed) return undefined
      const agent = newAgent(spec, enrollment, kept < maxKeptConnections)
      size += 1
      if (agent.keepsConnection) kept += 1
      scheduler.add(agent, nowMs())
      return agent
    },
    stop(agent) {
      if (isEnded(agent)) return
      agent.phase = 'ended'
      forget(agent)
    },
    get size() {
      return size
    },
    close() {
      closed = true
      scheduler.close()
      http.close()
    },
  }
}

function isEnded({ phase }: LightAgent): boolean {
  return phase === 'ended'
}

async function sendNext(agent: LightAgent, http: LightHttp, nowMs: number): Promise<LightAnswer> {
  const { path, body } = nextPost(agent, nowMs)
  agent.posts += 1
  const { apiUrl, token } = agent.enrollment
  const key = `${agent.bootId}-${agent.posts}`
  const from = { localAddress: agent.spec.privateIp, keep: agent.keepsConnection }
  try {
    return await http.post({ url: new URL(apiUrl + path), token, key, body, ...from })
  } catch {
    // No answer, for whatever reason: status 0, tried again later.
    return { status: 0, body: '' }
  }
}

function newAgent(
  spec: MachineSpec,
  enrollment: LightAgent['enrollment'],
  keepsConnection: boolean,
): LightAgent {
  return {
    spec,
    enrollment,
    bootId: randomUUID(),
    keepsConnection,
    phase: 'starting',
    posts: 0,
    seq: 0,
    failures: 0,
    heartbeatMs: 0,
    workload: 'none',
    owesDrained: false,
    stopping: false,
    acks: [],
  }
}
