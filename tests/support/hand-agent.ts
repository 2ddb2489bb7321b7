import { randomUUID } from 'node:crypto'
import type { World } from './world.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { StartedSignal } from '../../domain/messages.ts'
import { fromBase64Url } from '../../domain/enrollment/base64url.ts'
import { ENROLLMENT_MARK, type AgentCommand, type Enrollment, type HostFacts } from '../../domain/wire.ts'
import { createLightHttp } from '../../emulator/machines/light/post.ts'
import type { Instance } from '../../emulator/cloud/instance.ts'

const http = createLightHttp()

/** An agent whose every word is the test's: it speaks through the real API, from its instance's own address. */
export interface HandAgent {
  readonly instance: Instance
  readonly enrollment: Enrollment
  /** Posts `started`; `facts` go over the instance's own. Answers with the HTTP status. */
  started(facts?: Partial<HostFacts>): Promise<number>
  /** One beat: status and commands. */
  beat(): Promise<{ status: number; commands: AgentCommand[] }>
  /** A beat that says when the cloud takes the instance, ms from now. */
  announce(inMs: number): Promise<number>
  drained(): Promise<number>
  /** What clients say that know only their address. */
  status(status?: number): Promise<number>
  /** Beats until told to stop or until the API says gone. */
  keepBeating(everyMs?: number): void
  stopBeating(): void
}

/** The agent of the newest instance of this host; waits until there is one. */
export async function agentOf(world: World, host: string, attempt?: number): Promise<HandAgent> {
  const instance = await waitFor(`an instance of ${host}`, () =>
    world.emulator.cloud.instances
      .byTags([{ key: 'muster:host', value: host }])
      .find(({ tags }) => attempt === undefined || tags['muster:attempt'] === String(attempt)),
  )
  return createAgent(instance)
}

/** Agents of hosts whose instances have none of their own: each has said `started`, and beats. */
export const beatingAgents = (world: World, hosts: string[]): Promise<HandAgent[]> =>
  Promise.all(
    hosts.map(async (host) => {
      await world.until(host, 'booting')
      const agent = await agentOf(world, host)
      await agent.started()
      agent.keepBeating()
      return agent
    }),
  )

function createAgent(instance: Instance): HandAgent {
  const enrollment = enrollmentOf(instance)
  const bootId = randomUUID()
  let seq = 0
  let timer: NodeJS.Timeout | undefined

  async function post(path: string, body: object): Promise<{ status: number; body: string }> {
    return await http.post({
      url: new URL(enrollment.apiUrl + path),
      token: enrollment.token,
      key: randomUUID(),
      body: JSON.stringify(body),
      localAddress: instance.privateIp,
      keep: false,
    })
  }

  async function beat(more: object = {}): Promise<{ status: number; commands: AgentCommand[] }> {
    const load = { ...more, bootId, seq: (seq += 1), workload: { state: 'running', restarts: 0 }, load: 0 }
    const { status, body } = await post('/v1/agent/heartbeat', load)
    const { commands = [] } = (status === 200 ? JSON.parse(body) : {}) as { commands?: AgentCommand[] }
    return { status, commands }
  }

  return {
    instance,
    enrollment,
    beat: () => beat(),
    announce: async (inMs) => (await beat({ reclaimAt: new Date(Date.now() + inMs).toISOString() })).status,
    started: async (facts) =>
      (await post('/v1/agent/started', { bootId, facts: { ...factsOf(instance), ...facts } })).status,
    drained: async () => (await post('/v1/agent/drained', { bootId })).status,
    status: async (status = 2) =>
      (await post('/v1/hosts/status', { privateIp: instance.privateIp, status })).status,
    keepBeating(everyMs = 250) {
      clearInterval(timer)
      timer = setInterval(() => {
        beat().then(
          ({ status }) => status === 410 && clearInterval(timer),
          // No API, no answer: the next beat tries again, as a real agent does.
          () => undefined,
        )
      }, everyMs)
      timer.unref()
    },
    stopBeating: () => clearInterval(timer),
  }
}

function enrollmentOf({ userData }: Instance): Enrollment {
  const lines = Buffer.from(userData, 'base64').toString('utf8').split(/\r?\n/)
  const line = lines.find((text) => text.startsWith(ENROLLMENT_MARK)) ?? ''
  return JSON.parse(fromBase64Url(line.slice(ENROLLMENT_MARK.length)) ?? '{}') as Enrollment
}

/** What the API would signal of this agent's `started`, with these differences. */
export function startedSignal(
  { instance, enrollment }: Pick<HandAgent, 'instance' | 'enrollment'>,
  changes: Partial<StartedSignal> = {},
): StartedSignal {
  const { generation, attempt } = enrollment
  return {
    generation,
    attempt,
    bootId: 'by-signal',
    liveness: 'agent',
    facts: factsOf(instance),
    ...changes,
  }
}

function factsOf({ instanceId, mac, privateIp }: Instance): HostFacts {
  return {
    instanceId,
    mac,
    privateIp,
    cpu: { logical: 2, source: 'os' },
    memoryBytes: 4 * 1024 ** 3,
    os: { platform: 'linux', release: '6.1', arch: 'x64', hostname: 'by-hand' },
    agentVersion: '0.0.0',
    programStartedAt: '2026-01-05T08:00:00Z',
  }
}
