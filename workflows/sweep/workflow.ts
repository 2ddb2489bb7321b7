import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow'
import type { SweepActivities } from '../../activities/contract.ts'
import { ecsQueue } from '../../domain/queues.ts'
import { sweepSentence, VERDICT_WORDS } from '../../domain/sweep/report.ts'
import type { SweepInput, SweepReport } from '../../domain/sweep/types.ts'

/** Lists of thousands, and a delete a second in the worst case. */
const WITHIN = '30 minutes'

/**
 * One sweep: everything in one activity, which decides for itself what to do about each thing that it saw.
 * @returns the report, for people and dashboards
 */
export async function sweepWorkflow(input: SweepInput): Promise<SweepReport> {
  const { sweepOrphans } = proxyActivities<SweepActivities>({
    taskQueue: ecsQueue(input.region),
    startToCloseTimeout: WITHIN,
    // No worker of that region: it fails, and the next sweep does not wait behind it.
    scheduleToStartTimeout: '10 minutes',
    heartbeatTimeout: '30 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    // A worker that dies in the middle: run again, from the list.
    retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
    summary: `sweep of ${input.region}${input.dryRun ? ', dry run' : ''}, by ${input.by}`,
  })
  const report = await sweepOrphans(input)
  setCurrentDetails(detailsOf(report))
  return report
}

/** What the Temporal UI shows. */
function detailsOf(report: SweepReport): string {
  const lines = report.lines
    .slice(0, 50)
    .map(
      ({ kind, id, verdict, reason, outcome }) =>
        `- ${kind} ${id}: **${VERDICT_WORDS[verdict]}**${outcome ? ` (${outcome})` : ''}, ${reason}`,
    )
  return [
    `**${sweepSentence(report)}**`,
    ...(report.alarms.length > 0
      ? ['', '**To look at**', '', ...report.alarms.map((alarm) => `- ${alarm}`)]
      : []),
    ...(lines.length > 0 ? ['', ...lines] : []),
  ].join('\n')
}
