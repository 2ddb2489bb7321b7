import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { ActionActivities } from '../../activities/contract.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { actionWords } from '../../domain/schedules/actions.ts'
import type { ActionInput, ActionOutcome } from '../../domain/schedules/types.ts'

/** A worker and a fleet that are away for longer make the action fail: by then it is no longer what was wanted. */
const WITHIN = '10 minutes'

/**
 * One firing of a schedule: carries its action out once, under this workflow's own id, and fails when it is refused.
 * @returns what was done, for lists of schedules
 */
export async function actionWorkflow(input: ActionInput): Promise<ActionOutcome> {
  const { performAction } = proxyActivities<ActionActivities>({
    taskQueue: MUSTER_QUEUE,
    startToCloseTimeout: '15 seconds',
    scheduleToCloseTimeout: WITHIN,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
    summary: actionWords(input.do),
  })
  return await performAction({ input, firing: workflowInfo().workflowId })
}
