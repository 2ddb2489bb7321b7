import { ScheduleNotFoundError } from '@temporalio/client'
import type { Client, ScheduleDescription } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { nameOfScheduleId, scheduleId } from '../../domain/schedules/ids.ts'
import {
  OVERLAPS,
  type ActionInput,
  type ExistingSchedule,
  type Overlap,
} from '../../domain/schedules/types.ts'
import { orUnavailable } from './or-unavailable.ts'

/** As the server has it: `bufferAll` → `BUFFER_ALL`. */
export type ServerOverlap = ScheduleDescription['policies']['overlap']

export const serverOverlap = (overlap: Overlap): ServerOverlap =>
  overlap.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase() as ServerOverlap

const overlapOf = (server: ServerOverlap): Overlap =>
  OVERLAPS.find((overlap) => serverOverlap(overlap) === server) ?? 'skip'

/** Key of the action's memo with the digest of the compiled form. */
export const COMPILED_MEMO = 'compiled'

/** One schedule as the server describes it. */
export interface ServerSchedule extends ExistingSchedule {
  name: string
  /** Why it is paused, or the last word on it. */
  stateNote: string
  /** Newest first. */
  recent: { workflowId: string; runId: string; dueAt: Date; startedAt: Date }[]
  counts: { taken: number; skipped: number; missed: number }
}

/**
 * Names of this controller's schedules, in order. The server's list follows a moment behind.
 * @throws MusterError `unavailable`
 */
export async function scheduleNames(client: Client, controller: string): Promise<string[]> {
  return await orUnavailable(client, 'list the schedules', async () => {
    const names: string[] = []
    for await (const { scheduleId: id, action } of client.schedule.list()) {
      const name = nameOfScheduleId(controller, id)
      // Somebody else's under our prefix is theirs.
      if (name !== undefined && action?.workflowType === WORKFLOWS.action) names.push(name)
    }
    return names.toSorted()
  })
}

/**
 * A schedule, strongly consistent; undefined when there is none.
 * @throws MusterError `conflict` for one that is not Muster's, `unavailable`
 */
export async function describeSchedule(
  client: Client,
  controller: string,
  name: string,
): Promise<ServerSchedule | undefined> {
  return await orUnavailable(client, `describe schedule ${name}`, async () => {
    const handle = client.schedule.getHandle(scheduleId(controller, name))
    try {
      return toServerSchedule(name, await handle.describe())
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined
      throw error
    }
  })
}

function toServerSchedule(name: string, description: ScheduleDescription): ServerSchedule {
  const { action, policies, spec, state, info } = description
  const [input] = action.args ?? []
  const compiled: unknown = action.memo?.[COMPILED_MEMO]
  if (action.workflowType !== WORKFLOWS.action || !isActionInput(input)) {
    throw new MusterError(
      'conflict',
      `schedule ${description.scheduleId} was not made by Muster: delete it in Temporal, or name yours otherwise`,
    )
  }
  return {
    name,
    input,
    overlap: overlapOf(policies.overlap),
    catchUpMs: policies.catchupWindow,
    jitterMs: spec.jitter ?? 0,
    compiled: typeof compiled === 'string' ? compiled : '',
    isPaused: state.paused,
    stateNote: state.note ?? '',
    recent: info.recentActions.toReversed().map(({ scheduledAt, takenAt, action: { workflow } }) => ({
      workflowId: workflow.workflowId,
      runId: workflow.firstExecutionRunId,
      dueAt: scheduledAt,
      startedAt: takenAt,
    })),
    counts: {
      taken: info.numActionsTaken,
      skipped: info.numActionsSkippedOverlap,
      missed: info.numActionsMissedCatchupWindow,
    },
  }
}

/** What was put there by this or another version of Muster: enough to show it and to plan over it. */
function isActionInput(value: unknown): value is ActionInput {
  if (typeof value !== 'object' || value === null) return false
  const { schedule, expression, timezone, dialect, anchor, do: action } = value as Partial<ActionInput>
  const texts = [schedule, expression, timezone, dialect, anchor]
  return texts.every((text) => typeof text === 'string') && typeof action === 'object' && action !== null
}
