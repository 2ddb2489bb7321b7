import { isDeepStrictEqual } from 'node:util'
import { activityInfo } from '@temporalio/activity'
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import type { AwaitFleetChangeInput, FleetChange } from '../contract.ts'
import type { FleetActivityDeps } from './deps.ts'
import { keepFleet, lookAtFleet } from './observe-fleet.ts'

const DEFAULT_LOOK_EVERY_MS = 30_000
/** Between two comparisons with Temporal's own list of workflows. */
const DEFAULT_RESYNC_EVERY_MS = 10 * 60_000

/**
 * One look. The first comes a while after what was seen: whatever keeps changing, the fleet is not looked at more often.
 */
export async function awaitFleetChange(
  deps: FleetActivityDeps,
  { seen, record, everyMs = Number.POSITIVE_INFINITY, ...input }: AwaitFleetChangeInput,
): Promise<FleetChange> {
  const { resyncEveryMs = DEFAULT_RESYNC_EVERY_MS } = deps
  const lookEveryMs = Math.min(everyMs, deps.lookEveryMs ?? DEFAULT_LOOK_EVERY_MS)
  const looks = activityInfo().attempt - 1
  if (looks === 0) throw unchanged('just looked at', lookEveryMs)
  const resync = looks % Math.max(1, Math.round(resyncEveryMs / lookEveryMs)) === 0
  const { view } = await lookAtFleet(deps, { ...input, resync })
  // What was seen has travelled as JSON.
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(view)), seen)) return { resync }
  await keepFleet(deps, { fleet: input.fleet, record: { ...record, at: record.at + sinceAsked() }, news: [] })
  throw unchanged('nothing has changed', lookEveryMs)
}

/** By the server's clock, which is that of the workflow. */
function sinceAsked(): number {
  const { currentAttemptScheduledTimestampMs, scheduledTimestampMs } = activityInfo()
  return currentAttemptScheduledTimestampMs - scheduledTimestampMs
}

function unchanged(message: string, nextRetryDelay: number): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN
  const failure = ApplicationFailure.create({ message, type: 'NotYet', nextRetryDelay, category })
  failure.stack = message
  return failure
}
