import { activityInfo } from '@temporalio/activity'
import { z } from 'zod'
import { LAUNCH_WORDS } from '../../domain/host/launch-words.ts'
import { mayTryElsewhere, refusedWait } from '../../domain/host/launching.ts'
import type { HostRecord } from '../../domain/host/types.ts'
import type { LaunchAnswer, LaunchInput, RefusalKind } from '../contract.ts'
import { EcsError } from './ecs-error.ts'
import { launchRequest } from './launch-request.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

/**
 * Whether the tries up to and including `try` may have created an instance; `told`: the last error code that was
 * reported to people.
 */
const launchProgress = z.object({ try: z.number(), maybeMade: z.boolean(), told: z.string().optional() })
type LaunchProgress = z.infer<typeof launchProgress>

/**
 * One RunInstances. Everything in the request comes from the input, so a retry by any worker sends the same bytes under
 * the same ClientToken and gets the same instance.
 */
export async function launchInstance(work: EcsWork, input: LaunchInput): Promise<LaunchAnswer> {
  const { store, clock, enrollmentKeys } = work.deps
  const secret = enrollmentKeys(input.api.keyId)
  if (secret === undefined) return finish(keyMissing(input.api.keyId))
  const before = readProgress(launchProgress)
  const maybeMade = maybeMadeBefore(before)
  try {
    const { instanceId, requestId } = await work.deps
      .ecs(input.region)
      .runInstance(launchRequest(input, secret))
    return await finish({ outcome: 'launched', instanceId, requestId })
  } catch (error) {
    if (!(error instanceof EcsError)) throw error
    const answer = await definiteAnswer(work, input, error, maybeMade)
    if (answer) return finish(answer)
    const progress = { ...before, try: activityInfo().attempt, maybeMade: maybeMade || error.fault.maybeDone }
    keepProgress(progress)
    await recordTry(error.fault, progress)
    throw error
  }

  /** Once a code: a thousand hosts that are throttled for minutes must not each write with every try. */
  async function recordTry({ code, maybeDone }: EcsError['fault'], progress: LaunchProgress): Promise<void> {
    if (code === progress.told) return
    try {
      await store.hosts.record({ ...input.record, reason: LAUNCH_WORDS.again(code, maybeDone) }, clock())
      keepProgress({ ...progress, told: code })
    } catch (error) {
      // It is only news: when the launch is tried again is the cloud's to say, not the store's.
      work.deps.log.warn(
        { err: error, host: input.key.host },
        'the store did not take why a launch is tried again',
      )
    }
  }

  async function finish(answer: LaunchAnswer): Promise<LaunchAnswer> {
    await store.hosts.record({ ...input.record, ...shown(answer, input) }, clock())
    return answer
  }
}

/** What people see from now on: the instance, or that the host waits for one of them. */
function shown(answer: LaunchAnswer, input: LaunchInput): Partial<HostRecord> {
  const { record, spec, placement, refusedAt } = input
  if (answer.outcome === 'launched') return { instanceId: answer.instanceId }
  if (answer.outcome === 'unclear') return { reason: LAUNCH_WORDS.lookup }
  if (answer.kind === 'capacity') return {}
  if (answer.kind === 'request' && mayTryElsewhere(spec, placement, refusedAt)) return {}
  const { waitMs, waitReason } = refusedWait(answer.kind, answer.code, input)
  return { phase: 'waiting', reason: waitReason, waitUntil: record.at + waitMs }
}

/** The answer a refusal is, or undefined when the same request must be sent again. */
async function definiteAnswer(
  { deps }: EcsWork,
  input: LaunchInput,
  { message, fault }: EcsError,
  maybeMade: boolean,
): Promise<LaunchAnswer | undefined> {
  const { code, requestId } = fault
  // The token is known with other parameters: some try of this launch made an instance, or is making it.
  if (code === 'IdempotentParameterMismatch') return { outcome: 'unclear', code, message }
  const kind = refusalKind(fault.class)
  if (!kind) return undefined
  if (kind === 'capacity') await noteCapacity(deps, input, code)
  // A refusal speaks of this try alone: money or permissions may have gone after an earlier one was obeyed.
  if (maybeMade) return { outcome: 'unclear', code, message: `${message}; an earlier try got no answer` }
  return { outcome: 'refused', kind, code, message, ...(requestId === undefined ? {} : { requestId }) }
}

function refusalKind(faultClass: EcsError['fault']['class']): RefusalKind | undefined {
  switch (faultClass) {
    case 'capacity':
    case 'account':
    case 'request':
      return faultClass
    case 'gone':
      return 'request'
    case 'retry':
    case 'state':
      return undefined
  }
}

async function noteCapacity(
  deps: EcsWork['deps'],
  { region, placement }: LaunchInput,
  code: string,
): Promise<void> {
  const { zone, instanceType, spot } = placement
  await deps.store.capacity.note({ region, zone, instanceType, spot: spot !== undefined }, code, deps.clock())
}

/** An earlier try that left no word may have been obeyed: its worker died, or its answer was lost. */
function maybeMadeBefore(progress: LaunchProgress | undefined): boolean {
  const { attempt } = activityInfo()
  if (attempt === 1) return false
  return progress?.try === attempt - 1 ? progress.maybeMade : true
}

function keyMissing(keyId: string): LaunchAnswer {
  const code = 'EnrollmentKeyMissing'
  const message = `this worker has no enrollment key "${keyId}"; give it that key, or apply the fleet with the current one`
  return { outcome: 'unclear', code, message }
}
