import { sweepWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { ActionOutcome } from '../../domain/schedules/types.ts'
import type { SweepInput } from '../../domain/sweep/types.ts'
import { audit, type Firing } from './firing.ts'

/** Starts the sweep of this installation; one that is already running continues. */
export async function startSweep(firing: Firing): Promise<Pick<ActionOutcome, 'did' | 'answer'>> {
  const { deps, asked, input } = firing
  const { scope } = input
  const workflowId = sweepWorkflowId(scope.controller)
  const order: SweepInput = { ...scope, ...asked }
  await audit(firing, 'sweep', `installation ${scope.controller}`)
  const handle = await deps.temporal.workflow.start(WORKFLOWS.sweep, {
    workflowId,
    taskQueue: MUSTER_QUEUE,
    args: [order],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `sweep of ${scope.controller}, by ${asked.by}`,
  })
  return { did: 'a sweep is under way', answer: { workflowId, runId: handle.firstExecutionRunId } }
}
