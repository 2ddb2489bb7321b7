import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  allHandlersFinished,
  ActivityFailure,
  log,
  rootCause,
  sleep,
} from '@temporalio/workflow'
import type { AttemptSummary, HostInput, WorkStep } from '../../domain/host/types.ts'
import { onStore } from './activities.ts'
import { Host } from './host.ts'
import { listen } from './messages.ts'
import { presentAttributes, presentDetails } from './present.ts'
import type { StepResult } from './step-result.ts'
import { STEP_TRAITS } from './step-traits.ts'
import { STEPS } from './steps.ts'
import { renewing } from './watch.ts'

/** What a retired host leaves behind: its last attempts. */
export interface HostResult {
  attempts: AttemptSummary[]
}

/** Between two tries of a step whose activity failed for good. */
const DEAD_END_PAUSE_MS = 30_000

/**
 * One host: provisions an instance, awaits its agent's `started` until the boot deadline, watches it, replaces it, until
 * it is retired. Nothing is cancelled from outside: a cancel is an event like any other, so that the instance is deleted.
 */
export async function hostWorkflow(input: HostInput): Promise<HostResult> {
  const host = new Host(input)
  listen(host)
  CancellationScope.current().cancelRequested.catch(() => host.apply({ type: 'cancel' }))
  await CancellationScope.nonCancellable(() => live(host))
  if (host.state.cancelled)
    throw new CancelledFailure(`host ${input.host} was cancelled; its instance is deleted`)
  return { attempts: host.state.attempts }
}

async function live(host: Host): Promise<void> {
  while (host.state.step !== 'end') {
    present(host)
    if (host.shouldContinueAsNew()) await goOnAsNewRun(host)
    await carryOut(host, host.state.step)
  }
  // Not the search attributes: that a closed workflow is retired goes without an event.
  presentDetails(host)
  if (host.state.events.length > 0)
    await onStore('last lines of the journal').recordHost({ record: host.record() })
  await condition(allHandlersFinished)
}

function present(host: Host): void {
  presentAttributes(host)
  presentDetails(host)
}

/** Does what the step says until it has a result, or until a message has moved the host elsewhere. */
async function carryOut(host: Host, step: WorkStep): Promise<void> {
  const { stepNo } = host.state
  const moved = () => host.state.stepNo !== stepNo
  const { interruption } = STEP_TRAITS[step]
  const result = await (interruption === 'finish'
    ? withoutDeadEnds(host, step)
    : interruptible(host, step, moved))
  if (!moved() && result !== undefined) host.apply(result)
}

/** Given up when a message has moved the host or, in a watch, when the run has become long. */
async function interruptible(host: Host, step: WorkStep, moved: () => boolean): Promise<StepResult> {
  const scope = new CancellationScope({ cancellable: true })
  const renews = isRenewed(host, step)
  const result = await new Promise<StepResult>((resolve, reject) => {
    host.notifyWhen(
      () => moved() || host.shouldEndWatch(),
      () => resolve(undefined),
    )
    scope.run(() => withoutDeadEnds(host, step)).then(resolve, reject)
  })
  if (renews || mustCancel(step, moved() ? undefined : result)) scope.cancel()
  return result
}

/**
 * Whether anything of the step is still under way that does not end on its own. A cancel makes an error whose stack costs
 * more than the rest of the step, so none is made where nothing is left to cancel.
 *
 * @param result undefined: the step was interrupted
 */
const mustCancel = (step: WorkStep, result: StepResult): boolean =>
  step === 'watch' ||
  step === 'awaitDrained' ||
  (result === undefined && STEP_TRAITS[step].interruption !== 'abandon')

const isRenewed = ({ state }: Host, step: WorkStep): boolean =>
  STEP_TRAITS[step].renewsDeadMan && state.spec.deadManRenewEveryMs !== undefined

/**
 * A call that can never succeed as it stands (a refused permission, a bug) must not end the host and lose its instance:
 * it is shown as failed in the history, and tried again until somebody has repaired it.
 */
async function withoutDeadEnds(host: Host, step: WorkStep): Promise<StepResult> {
  try {
    const work = STEPS[step](host)
    return await (isRenewed(host, step) ? renewing(host, work) : work)
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
    log.error('a step failed for good; it is tried again', {
      host: host.input.host,
      step,
      error: rootCause(error),
    })
    await sleep(DEAD_END_PAUSE_MS, { summary: `${step} failed: try again` })
    return undefined
  }
}

async function goOnAsNewRun(host: Host): Promise<never> {
  await condition(allHandlersFinished)
  return await continueAsNew<typeof hostWorkflow>(host.carried())
}
