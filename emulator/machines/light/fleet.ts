import { randomUUID } from 'node:crypto'
import type { MachineSpec } from '../contract.ts'
import { enrollmentOf } from './enrollment.ts'
import { createDueQueue } from './heap.ts'
import { nextPost, takeAnswer } from './light-agent.ts'
import type { LightAgent } from './light-agent.ts'
import { createLightHttp } from './post.ts'

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
  const queue = createDueQueue<LightAgent>()
  const http = createLightHttp()
  let posting = 0
  let size = 0
  let kept = 0
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** Starts what is due, as far as posts are free, and sets the one timer for the rest. */
  function pump(): void {
    clearTimeout(timer)
    while (!closed && posting < maxPosts) {
      const agent = queue.takeDue(nowMs())
      if (agent === undefined) break
      if (agent.phase !== 'ended') void turn(agent)
    }
    const nextMs = queue.nextMs()
    if (closed || posting >= maxPosts || nextMs === undefined) return
    timer = setTimeout(pump, Math.max(0, nextMs - nowMs()))
    timer.unref()
  }

  async function turn(agent: LightAgent): Promise<void> {
    posting += 1
    const { status, body } = await sendNext(agent)
    posting -= 1
    // Powered off meanwhile.
    if (agent.phase !== 'ended') {
      const waitMs = takeAnswer(agent, status, body, random())
      if (waitMs === undefined) forget(agent)
      else queue.push(nowMs() + waitMs, agent)
    }
    pump()
  }

  async function sendNext(agent: LightAgent): Promise<{ status: number; body: string }> {
    const { path, body } = nextPost(agent, nowMs())
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

  function forget(agent: LightAgent): void {
    size -= 1
    if (agent.keepsConnection) kept -= 1
  }

  return {
    start(spec) {
      const enrollment = enrollmentOf(spec.userData)
      if (enrollment === undefined || closed) return undefined
      const keepsConnection = kept < maxKeptConnections
      const agent = newAgent(spec, enrollment, keepsConnection)
      size += 1
      if (keepsConnection) kept += 1
      queue.push(nowMs(), agent)
      setImmediate(pump)
      return agent
    },
    stop(agent) {
      if (agent.phase === 'ended') return
      agent.phase = 'ended'
      forget(agent)
    },
    get size() {
      return size
    },
    close() {
      closed = true
      clearTimeout(timer)
      http.close()
    },
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
