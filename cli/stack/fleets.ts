import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { FleetInput } from '../../domain/fleet/types.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_UPDATES, WORKFLOWS, type ApplyFleetRequest } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { FleetSpec } from '../../domain/spec.ts'
import type { Store } from '../../store/contract.ts'

/** What every host of an installation is started with. */
export interface Installation {
  controller: string
  namespaceId: string
  api: { url: string; keyId: string }
  dashboardUrl?: string
}

/**
 * Starts a fleet workflow, or hands the spec to the running one. The size of a running fleet stays: people and schedules
 * change it, and a restart of the stack must not undo that.
 */
export async function applyFleet(
  client: Client,
  store: Store,
  installation: Installation,
  fleet: FleetSpec,
  by: string,
): Promise<'started' | 'applied'> {
  const specHash = await store.specs.put(fleet.host, Date.now())
  const input: FleetInput = {
    ...installation,
    name: fleet.name,
    size: fleet.size,
    specHash,
    spec: fleet.host,
  }
  const workflowId = fleetWorkflowId(fleet.name)
  try {
    await client.workflow.start(WORKFLOWS.fleet, {
      workflowId,
      taskQueue: MUSTER_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: `fleet ${fleet.name}: ${fleet.size} hosts of ${fleet.host.imageId}`,
    })
    return 'started'
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    const request: ApplyFleetRequest = { specHash, spec: fleet.host, by, why: 'as the config says' }
    await client.workflow.getHandle(workflowId).executeUpdate(FLEET_UPDATES.apply, { args: [request] })
    return 'applied'
  }
}
