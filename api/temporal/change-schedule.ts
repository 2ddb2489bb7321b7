import type { Client } from '@temporalio/client'
import { isGrpcServiceError } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { MusterError } from '../../domain/errors.ts'
import { scheduleId } from '../../domain/schedules/ids.ts'
import { OVERLAPS, type Overlap } from '../../domain/schedules/types.ts'
import { orUnavailable } from './or-unavailable.ts'

/** What a person does to a schedule. `note` says who and why. */
export type ScheduleChange =
  | { kind: 'pause' | 'resume'; note: string }
  /** Now, in parallel with a run that may be under way. */
  | { kind: 'trigger' }
  /** Instants are ms since 1970, both ends included. */
  | { kind: 'backfill'; from: number; to: number; overlap: Overlap }

const NOT_FOUND = 5

/**
 * @param requestId the same id is the same change: sent again it is done once
 * @throws MusterError `not_found`, `unavailable`
 */
export async function changeSchedule(
  client: Client,
  target: { controller: string; name: string },
  change: ScheduleChange,
  requestId: string,
): Promise<void> {
  const { controller, name } = target
  await orUnavailable(client, `${change.kind} schedule ${name}`, async () => {
    try {
      await client.workflowService.patchSchedule({
        namespace: client.options.namespace,
        scheduleId: scheduleId(controller, name),
        identity: client.options.identity,
        requestId,
        patch: patchOf(change),
      })
    } catch (cause) {
      if (isGrpcServiceError(cause) && Number(cause.code) === NOT_FOUND) {
        throw new MusterError('not_found', `there is no schedule ${name}; see muster schedules`, { cause })
      }
      throw cause
    }
  })
}

/** As Temporal's API numbers them. */
const overlapNumber = (overlap: Overlap): number => OVERLAPS.indexOf(overlap) + 1

function patchOf(change: ScheduleChange) {
  switch (change.kind) {
    case 'pause':
      return { pause: change.note }
    case 'resume':
      return { unpause: change.note }
    case 'trigger':
      return { triggerImmediately: { overlapPolicy: overlapNumber('allowAll') } }
    case 'backfill':
      return {
        backfillRequest: [
          {
            // The server leaves the first instant out.
            startTime: msToTs(change.from - 1),
            endTime: msToTs(change.to),
            overlapPolicy: overlapNumber(change.overlap),
          },
        ],
      }
  }
}
