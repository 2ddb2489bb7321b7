import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { fleetWorkflowId } from '../../domain/ids.ts'
import type { FleetAnswer } from '../../domain/messages.ts'
import { audit, type Firing } from './firing.ts'

/** Below the activity's own time, so that it ends with a reason. */
const ANSWER_MS = 10_000

/**
 * Sends an update to a fleet and waits for its answer. A fleet that is not there or refuses makes the action fail for
 * good; anything else is tried again, as the same update.
 */
export async function tellFleet(
  firing: Firing,
  fleet: string,
  update: string,
  request: Record<string, unknown>,
): Promise<FleetAnswer> {
  const { deps, id, asked } = firing
  const target = `fleet ${fleet}`
  const facts = Object.entries(request).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  await audit(firing, `${update}${facts.join('')}`, target)
  const { temporal } = deps
  try {
    return await temporal.connection.withDeadline(Date.now() + ANSWER_MS, () =>
      temporal.workflow
        .getHandle(fleetWorkflowId(fleet))
        .executeUpdate<FleetAnswer, [object]>(update, { args: [{ ...request, ...asked }], updateId: id }),
    )
  } catch (error) {
    const failure = forGood(error, fleet, update)
    if (failure instanceof ApplicationFailure)
      await audit(firing, `${update} not done: ${failure.type}`, target)
    throw failure
  }
}

function forGood(error: unknown, fleet: string, update: string): unknown {
  if (error instanceof WorkflowNotFoundError) {
    return ApplicationFailure.nonRetryable(
      `fleet ${fleet} does not run: apply the config that has it, or take the schedule out of it`,
      'not_found',
    )
  }
  if (error instanceof WorkflowUpdateFailedError) {
    const why = error.cause?.message ?? error.message
    return ApplicationFailure.nonRetryable(`fleet ${fleet} refuses ${update}: ${why}`, 'unprocessable')
  }
  return error
}
