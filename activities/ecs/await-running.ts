import { z } from 'zod'
import type { InstanceInput, RunningAnswer } from '../contract.ts'
import type { CloudInstance } from './api.ts'
import { notYet } from './failure.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

const runningProgress = z.object({
  firstLookAt: z.number(),
  seen: z.boolean(),
  /** Not listed at the last look. */
  absent: z.boolean().optional(),
})
type RunningProgress = z.infer<typeof runningProgress>

/**
 * One look. Running with an address is the answer; so is gone: an id that was seen and is absent twice in a row (one
 * empty list, as a cut permission gives it, must not end a hundred boots), or stays absent for the time a fresh one may
 * need to become visible. Anything else is asked again at the next grid point. An instance can be Running before its
 * address is listed (aws-parallelcluster #7265): that is not a failure.
 */
export async function awaitRunning(work: EcsWork, input: InstanceInput): Promise<RunningAnswer> {
  const { store, clock } = work.deps
  const instance = await work.region(input.region).look(input.instanceId)
  const before = readProgress(runningProgress)
  const progress = advance(before, instance, clock())
  const wasAbsent = before?.absent === true
  const answer = judge(input.instanceId, instance, { ...progress, wasAbsent }, clock(), work.visibleAfterMs)
  if (answer) {
    const { privateIp, mac } = answer.outcome === 'running' ? answer : {}
    const known = { ...(privateIp ? { privateIp } : {}), ...(mac ? { mac } : {}) }
    await store.hosts.record({ ...input.record, ...known }, clock())
    return answer
  }
  if (!before) await store.hosts.record(input.record, clock()) // people see it booting meanwhile
  keepProgress(progress)
  throw notYet(
    `${input.instanceId} is ${instance ? describeState(instance) : absence(progress)}`,
    work.failureContext(input),
  )
}

const advance = (
  before: RunningProgress | undefined,
  instance: CloudInstance | undefined,
  now: number,
): RunningProgress => ({
  firstLookAt: before?.firstLookAt ?? now,
  seen: before?.seen === true || instance !== undefined,
  absent: instance === undefined,
})

const absence = ({ seen }: RunningProgress): string =>
  seen ? 'not listed any more; asked once more to be sure' : 'not listed yet'

function judge(
  id: string,
  instance: CloudInstance | undefined,
  { firstLookAt, seen, wasAbsent }: RunningProgress & { wasAbsent: boolean },
  now: number,
  visibleAfterMs: number,
): RunningAnswer | undefined {
  if (!instance) {
    if (seen && wasAbsent)
      return { outcome: 'gone', reason: `${id} was listed and is no more: the cloud took it back` }
    if (seen) return undefined
    const absentMs = now - firstLookAt
    if (absentMs < visibleAfterMs) return undefined
    return {
      outcome: 'gone',
      reason: `${id} was accepted but never listed within ${Math.round(absentMs / 1_000)} s`,
    }
  }
  const { status, privateIp, mac } = instance
  if (status !== 'Running' || !privateIp) return undefined
  return { outcome: 'running', privateIp, ...(mac ? { mac } : {}) }
}

const describeState = ({ status }: CloudInstance): string =>
  status === 'Running' ? 'Running without an address yet' : status
