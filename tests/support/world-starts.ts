import type { WorkflowHandle } from '@temporalio/client'
import type { TemporalPart } from '../../cli/stack/temporal.ts'
import type { FleetInput } from '../../domain/fleet/types.ts'
import type { HostInput } from '../../domain/host/types.ts'
import { fleetWorkflowId, hostWorkflowId, parseHostId, type HostId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { Store } from '../../store/contract.ts'
import { emulatedSpec } from './emulated-spec.ts'
import { CONTROLLER } from './names.ts'

interface Parts {
  temporal: TemporalPart
  store: Store
  api: { url: string }
}

/** What a host or a fleet is started with. */
async function commonInput({ temporal, store, api }: Parts, changes: Partial<HostSpec>) {
  const spec = emulatedSpec(changes)
  return {
    controller: CONTROLLER,
    namespaceId: temporal.namespaceId,
    specHash: await store.specs.put(spec, Date.now()),
    spec,
    api: { url: api.url, keyId: 'k1' },
  }
}

/** Starts one host workflow. */
export async function startHost(
  parts: Parts,
  host: HostId,
  changes: Partial<HostSpec> = {},
  input: Partial<HostInput> = {},
): Promise<HostId> {
  const { fleet } = parseHostId(host)
  await parts.temporal.client.workflow.start(WORKFLOWS.host, {
    workflowId: hostWorkflowId(host),
    taskQueue: MUSTER_QUEUE,
    args: [{ host, ...(await commonInput(parts, changes)), ...input }],
    staticSummary: `host of fleet ${fleet}`,
  })
  return host
}

/** Starts a fleet workflow. */
export async function startFleet(
  parts: Parts,
  name: string,
  size: number,
  changes: Partial<HostSpec> = {},
  more: Partial<FleetInput> = {},
): Promise<WorkflowHandle> {
  const input: FleetInput = { name, size, ...(await commonInput(parts, changes)), ...more }
  return await parts.temporal.client.workflow.start(WORKFLOWS.fleet, {
    workflowId: fleetWorkflowId(name),
    taskQueue: MUSTER_QUEUE,
    args: [input],
  })
}
