import type { Client } from '@temporalio/client'
import { orUnavailable } from './or-unavailable.ts'
import { readOutcome, type RunOutcome } from './run-outcome.ts'
import type { ServerSchedule } from './schedules.ts'

/** One firing and what became of it. */
export interface ScheduleRun extends RunOutcome {
  workflowId: string
  runId: string
  /** When it was due, and when it began: later by jitter or after an outage. */
  dueAt: Date
  startedAt: Date
}

/** What became of the last firings, newest first. */
export async function readRuns(
  client: Client,
  schedule: Pick<ServerSchedule, 'recent'>,
  count: number,
): Promise<ScheduleRun[]> {
  return await Promise.all(
    schedule.recent.slice(0, count).map(async (run) => ({
      ...run,
      ...(await orUnavailable(client, `say what became of ${run.workflowId}`, () =>
        readOutcome(client, run),
      )),
    })),
  )
}
