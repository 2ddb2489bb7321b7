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
import type { AttemptSummary, HostInput, HostStep } from '../../domain/host/types.ts'
import { onStore } from './activities.ts'
import { Host } from './host.ts'
import { listen } from './messages.ts'
import { presentAttributes, presentDetails } from './present.ts'
import type { StepResult } from './step-result.ts'
import { STEPS } from './steps.ts'
import { renewing } from './watch.ts'

/** What a retired host leaves behind: its last attempts. */
export interface HostResult {
  attempts: AttemptSummary[]
}

/**
 * Waits that a message may end. Every other step is an activity that is carried through, whatever is asked meanwhile: an
 * instance must not be lost between two answers, and cancelling a call that is about to answer only costs events.
 */
const WAITS: ReadonlySet<HostStep> = new Set([
  'wait',
  'lookupPause',
  'awaitRunning',
  'awaitStarted',
  'watch',
  'inspect',
  'grace',
  'judge',
  'judgePause',
  'tellDrain',
  'awaitDrained',
])

/** These only look or tell: they end by themselves, so they are left alone when the host has moved on. */
const LEFT_ALONE: ReadonlySet<HostStep> = new Set(['awaitRunning', 'inspect', 'judge', 'tellDrain'])

/** While these go on, the cloud's dead-man switch is kept from going off. */
const RENEWED: ReadonlySet<HostStep> = new Set([
  'watch',
  'inspect',
  'grace',
  'judge',
  'judgePause',
  'tellDrain',
  'awaitDrained',
])

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
async function carryOut(host: Host, step: Exclude<HostStep, 'end'>): Promise<void> {
  const { stepNo } = host.state
  const moved = () => host.state.stepNo !== stepNo
  const result = WAITS.has(step) ? await waitFor(host, step, moved) : await withoutDeadEnds(host, step)
  if (!moved() && typeof result === 'object') host.apply(result)
}

/** A wait, given up when a message has moved the host or, in a watch, when the run has become long. */
async function waitFor(
  host: Host,
  step: Exclude<HostStep, 'end'>,
  moved: () => boolean,
): Promise<StepResult> {
  const scope = new CancellationScope({ cancellable: true })
  const renews = isRenewed(host, step)
  const result = await new Promise<StepResult>((resolve, reject) => {
    host.whenSo(
      () => moved() || host.watchIsLong(),
      () => resolve(undefined),
    )
    scope.run(() => withoutDeadEnds(host, step)).then(resolve, reject)
  })
  if (renews || leavesSomething(step, moved() ? undefined : result)) scope.cancel()
  return result
}

/**
 * Whether anything of the wait is still under way. A cancel makes an error, and its stack costs more than the rest of
 * the step: it is not asked for where nothing is left to cancel.
 */
const leavesSomething = (step: HostStep, result: unknown): boolean =>
  step === 'watch' || (typeof result !== 'object' && !LEFT_ALONE.has(step))

const isRenewed = ({ state }: Host, step: HostStep): boolean =>
  RENEWED.has(step) && state.spec.deadManRenewEveryMs !== undefined

/**
 * A call that can never succeed as it stands (a refused permission, a bug) must not end the host and lose its instance:
 * it is shown as failed in the history, and tried again until somebody has mended it.
 */
async function withoutDeadEnds(host: Host, step: Exclude<HostStep, 'end'>): Promise<StepResult> {
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
