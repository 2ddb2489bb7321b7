import { randomBytes } from 'node:crypto'
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client'
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common'
import { decide } from '../../domain/host/decide.ts'
import type { Happening, HostMachineEvent } from '../../domain/host/events.ts'
import { newHostState } from '../../domain/host/state.ts'
import type { HostInput, HostState } from '../../domain/host/types.ts'
import { hostId, hostWorkflowId, type AttemptKey, type HostId } from '../../domain/ids.ts'
import { WORKFLOWS, type StartedSignal } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { HostFacts } from '../../domain/wire.ts'
import type { Ground } from './ground.ts'
import { CONTROLLER, KEY, benchSpec } from './spec.ts'

/** The id of an instance that no cloud knows, as long as real ones are. */
export const instanceIdOf = (host: string): string =>
  `i-bp1${host.replaceAll(/\W/g, '').slice(-17).padStart(17, '0')}`

/** Nobody beats for most hosts of a benchmark: they must not fall silent while others are measured. */
const patientSpec = (): HostSpec =>
  benchSpec({ heartbeatTimeoutMs: 6 * 3_600_000, silentGraceMs: 12 * 3_600_000 })

export const benchHost = (slot: number): HostId => hostId('bench', slot)

export function hostInput(
  ground: Pick<Ground, 'temporal'>,
  host: HostId,
  more: { spec?: HostSpec; specHash?: string; apiUrl?: string; carried?: HostState } = {},
): HostInput {
  return {
    host,
    controller: CONTROLLER,
    namespaceId: ground.temporal.namespaceId,
    specHash: more.specHash ?? 'bench000000000000',
    spec: more.spec ?? patientSpec(),
    api: { url: more.apiUrl ?? 'http://127.0.0.1:8080', keyId: KEY.id },
    ...(more.carried && { carried: more.carried }),
  }
}

/** What the fleet starts its hosts with. */
export const attributesAtStart = ({ imageId }: HostSpec): SearchAttributePair[] => [
  { key: defineSearchAttributeKey('MusterFleet', 'KEYWORD'), value: 'bench' },
  { key: defineSearchAttributeKey('MusterPhase', 'KEYWORD'), value: 'launching' },
  { key: defineSearchAttributeKey('MusterImage', 'KEYWORD'), value: imageId },
  { key: defineSearchAttributeKey('MusterAttempt', 'INT'), value: 1 },
]

export function startHost(
  { temporal }: Pick<Ground, 'temporal'>,
  input: HostInput,
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  return temporal.client.workflow.start(WORKFLOWS.host, {
    workflowId: hostWorkflowId(input.host),
    taskQueue: MUSTER_QUEUE,
    args: [input],
    typedSearchAttributes: attributesAtStart(input.spec),
    staticSummary: 'host of fleet bench',
  })
}

/**
 * The state of a host whose instance runs and whose agent has not spoken, as a continue-as-new would carry it: hundreds
 * of hosts can stand at one point of their lives without having lived.
 */
export function bootingState(input: HostInput, bootDeadline: number, instanceId: string): HostState {
  const at = Date.now()
  const [placement] = input.spec.placements
  if (!placement) throw new Error('a spec without placements')
  const happened: Happening[] = [
    { type: 'planned', placement },
    { type: 'launched', instanceId },
    { type: 'running', privateIp: '127.16.0.7', mac: '00:16:3e:00:00:07' },
  ]
  const born = newHostState(input, randomBytes(5).toString('hex'), at)
  const booting = happened.reduce((state, event) => decide(state, { ...event, at } as HostMachineEvent), born)
  return { ...booting, current: { ...booting.current, bootDeadline } }
}

/** The same when its agent has spoken: it is watched. */
export function readyState(input: HostInput): HostState {
  const booting = bootingState(input, Date.now() + input.spec.bootTimeoutMs, instanceIdOf(input.host))
  const key = { host: input.host, generation: booting.generation, attempt: 1 }
  const happened: Happening[] = [{ type: 'started', signal: startedSignal(key) }, { type: 'welcomed' }]
  const at = Date.now()
  return happened.reduce((state, event) => decide(state, { ...event, at } as HostMachineEvent), booting)
}

export const startedSignal = (key: AttemptKey, instanceId = instanceIdOf(key.host)): StartedSignal => ({
  generation: key.generation,
  attempt: key.attempt,
  bootId: '3b2a1c0d-9e8f-4a7b-8c6d-5e4f3a2b1c0d',
  facts: facts(instanceId),
  liveness: 'agent',
})

export const facts = (instanceId: string): HostFacts => ({
  instanceId,
  mac: '00:16:3e:00:00:07',
  privateIp: '127.16.0.7',
  cpu: { logical: 2, physical: 1, source: 'systeminformation' },
  memoryBytes: 8_589_934_592,
  os: { platform: 'linux', release: '6.1.0', arch: 'x64', hostname: 'bench-00001-1' },
  agentVersion: '0.1.0',
  programStartedAt: '2026-01-01T00:00:00.000Z',
})
