import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow'
import type { ReportActivities } from '../../activities/statuspage/contract.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { reportSentence, type ReportInput, type ReportOutcome } from '../../domain/status/report.ts'

/** A page that is away for longer fails this report; the next one reports the same, as it is by then. */
const WITHIN = '10 minutes'

/**
 * One report to the status page: everything in one activity, which may be tried again from anywhere.
 * @returns what was changed, for people and lists of schedules
 */
export async function reportWorkflow(input: ReportInput): Promise<ReportOutcome> {
  const { reportStatus } = proxyActivities<ReportActivities>({
    taskQueue: MUSTER_QUEUE,
    startToCloseTimeout: WITHIN,
    scheduleToCloseTimeout: WITHIN,
    heartbeatTimeout: '30 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '2 seconds', maximumInterval: '60 seconds' },
    summary: `report to the status page, by ${input.by}`,
  })
  const outcome = await reportStatus(input)
  setCurrentDetails(`**${reportSentence(outcome)}**`)
  return outcome
}
