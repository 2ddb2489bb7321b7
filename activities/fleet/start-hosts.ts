import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import type { HostInput } from '../../domain/host/types.ts'
import { hostId, hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { SlotResult, StartHostsInput } from '../contract.ts'
import type { FleetActivityDeps } from './deps.ts'
import { eachSlot } from './each-slot.ts'

const FLEET = defineSearchAttributeKey('MusterFleet', 'KEYWORD')
const PHASE = defineSearchAttributeKey('MusterPhase', 'KEYWORD')
const IMAGE = defineSearchAttributeKey('MusterImage', 'KEYWORD')
const ATTEMPT = defineSearchAttributeKey('MusterAttempt', 'INT')

/** Starts host workflows. A slot is a workflow id: one that runs already is left alone. */
export async function startHosts(
  deps: FleetActivityDeps,
  { fleet, slots, input }: StartHostsInput,
): Promise<SlotResult> {
  return await eachSlot(deps.temporal, slots, async (slot) => {
    const host = hostId(fleet, slot)
    try {
      await deps.temporal.workflow.start(WORKFLOWS.host, startOptions(fleet, host, { ...input, host }))
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
  })
}

function startOptions(fleet: string, host: HostId, input: HostInput) {
  const { spec, dashboardUrl } = input
  return {
    workflowId: hostWorkflowId(host),
    taskQueue: MUSTER_QUEUE,
    args: [input],
    workflowIdConflictPolicy: 'FAIL' as const,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    typedSearchAttributes: [
      { key: FLEET, value: fleet },
      { key: PHASE, value: 'launching' },
      { key: IMAGE, value: spec.imageId },
      { key: ATTEMPT, value: 1 },
    ],
    staticSummary: `host ${host}: ${spec.imageId} in ${spec.region}`,
    staticDetails: [
      `Host **${host}** of fleet **${fleet}**: image ${spec.imageId}, ${spec.os}, spec ${input.specHash}.`,
      ...(dashboardUrl ? ['', `[dashboard](${dashboardUrl}/hosts/${host})`] : []),
    ].join('\n'),
  }
}
