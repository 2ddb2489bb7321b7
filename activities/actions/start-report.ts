import { isGrpcDeadlineError, WorkflowFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { reportWorkflowId } from '../../domain/ids.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { ActionOutcome } from '../../domain/schedules/types.ts'
import { reportSentence, type ReportInput, type ReportOutcome } from '../../domain/status/report.ts'
import type { Firing } from './firing.ts'
import { innermostError } from '../../domain/innermost-error.ts'

/** Below the activity's own time. A report that has to wait for the page takes longer, and continues on its own. */
const ANSWER_MS = 10_000

/**
 * Starts the report of this installation, or joins the one that is running, and returns how it ended. What it changes
 * on the page is in the audit; that it looked, each minute, does not.
 */
export async function startReport(firing: Firing): Promise<Pick<ActionOutcome, 'did' | 'answer'>> {
  const { deps, asked, input } = firing
  const { controller } = input.scope
  const workflowId = reportWorkflowId(controller)
  const order: ReportInput = { controller, ...asked }
  const { temporal } = deps
  const handle = await temporal.workflow.start(WORKFLOWS.report, {
    workflowId,
    taskQueue: MUSTER_QUEUE,
    args: [order],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `report of ${controller}, by ${asked.by}`,
  })
  try {
    const outcome = await temporal.connection.withDeadline(
      Date.now() + ANSWER_MS,
      async () => (await handle.result()) as ReportOutcome,
    )
    return { did: reportSentence(outcome), answer: { ...outcome } }
  } catch (error) {
    if (isGrpcDeadlineError(error)) {
      return { did: 'a report is under way', answer: { workflowId, runId: handle.firstExecutionRunId } }
    }
    if (!(error instanceof WorkflowFailedError)) throw error
    throw ApplicationFailure.nonRetryable(innermostError(error).message, 'report_failed')
  }
}
