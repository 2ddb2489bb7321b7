import { activityInfo } from '@temporalio/activity'
import { WorkflowNotFoundError, WorkflowUpdateStage } from '@temporalio/client'
import { hostId, hostWorkflowId } from '../../domain/ids.ts'
import {
  HOST_UPDATES,
  type ApplySpecRequest,
  type ReplaceRequest,
  type RetireRequest,
} from '../../domain/messages.ts'
import type { ApplySpecInput, ReplaceHostsInput, RetireHostsInput, SlotResult } from '../contract.ts'
import type { FleetActivityDeps } from './deps.ts'
import { eachSlot } from './each-slot.ts'

/** Sends `retire`; a host that has ended is done. */
export async function retireHosts(deps: FleetActivityDeps, input: RetireHostsInput): Promise<SlotResult> {
  const { fleet, slots, by, why } = input
  const request: RetireRequest = { by, why }
  return await eachSlot(deps.temporal, slots, (slot) => tell(deps, fleet, slot, HOST_UPDATES.retire, request))
}

/** Sends `applySpec`: it takes effect with each host's next launch. */
export async function applySpecToHosts(deps: FleetActivityDeps, input: ApplySpecInput): Promise<SlotResult> {
  const { fleet, slots, specHash: hash, spec, api, by, why } = input
  const request: ApplySpecRequest = { hash, spec, by, why, ...(api && { api }) }
  return await eachSlot(deps.temporal, slots, (slot) =>
    tell(deps, fleet, slot, HOST_UPDATES.applySpec, request),
  )
}

/** Sends `replace`; a host that has ended is done. */
export async function replaceHosts(deps: FleetActivityDeps, input: ReplaceHostsInput): Promise<SlotResult> {
  const { fleet, slots, specHash: hash, spec, api, by, why } = input
  const request: ReplaceRequest = { by, why, spec: { hash, spec }, ...(api && { api }) }
  // The same for every try: one that a dead worker began must not make new instances a second time.
  const { workflowExecution, activityId } = activityInfo()
  const updateId = `${workflowExecution?.runId}-${activityId}`
  return await eachSlot(deps.temporal, slots, (slot) =>
    tell(deps, fleet, slot, HOST_UPDATES.replace, request, updateId),
  )
}

async function tell(
  deps: FleetActivityDeps,
  fleet: string,
  slot: number,
  update: string,
  request: unknown,
  updateId?: string,
): Promise<void> {
  try {
    await deps.temporal.workflow.getHandle(hostWorkflowId(hostId(fleet, slot))).startUpdate(update, {
      args: [request],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
      ...(updateId !== undefined && { updateId }),
    })
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
  }
}
