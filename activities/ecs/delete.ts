import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import { z } from 'zod'
import { instanceTags, isTaggedFor, TAGS } from '../../domain/tags.ts'
import type { DeleteAnswer, DeleteInput } from '../contract.ts'
import type { CloudInstance } from './api.ts'
import { MAX_LAUNCH_WINDOW_MS } from '../../domain/host/state.ts'
import { noteEnd } from '../hosts/note-boot.ts'
import { EcsError } from './ecs-error.ts'
import { notYet } from './failure.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

/** What the tries so far have seen. Instants in ms by the wall clock of the worker. */
const deleteProgress = z.object({
  seen: z.array(z.string()),
  firstSeenAt: z.number().optional(),
  /** When the cloud last accepted a delete. */
  askedAt: z.number().optional(),
  firstAbsentAt: z.number().optional(),
  /** `record` is in the store. */
  recorded: z.boolean().optional(),
})
type DeleteProgress = z.infer<typeof deleteProgress>

/** The cloud refuses to delete what it is still making; after this long it is asked all the same. */
const INITIALIZING_PATIENCE_MS = 2 * 60_000
/** Deletes go a hundred a second: in a long line a try ends before its start-to-close, and the next one joins again. */
const LINE_MS = 5_000
/** A delete that was accepted and shows no effect is sent again after this long. */
const ASK_AGAIN_MS = 60_000

/**
 * One step of deleting, retried until the instance is gone. Only an instance that carries the tags of exactly this
 * attempt is deleted. Gone means that the cloud has accepted the delete and lists it no more; that it was seen and is
 * absent twice in a row (one empty list is no proof); or, never seen, absent twice with the time between that a fresh id may
 * need to become visible.
 */
export async function deleteInstance(work: EcsWork, input: DeleteInput): Promise<DeleteAnswer> {
  const { store, clock } = work.deps
  const before = readProgress(deleteProgress)
  const found = await findTargets(work, input)
  const progress = advance(before ?? { seen: [] }, found, clock())
  const untagged = found.some((instance) => isUntagged(instance)) && isFresh(progress, clock(), work)
  if (!untagged) for (const instance of found) refuseForeign(instance, input)
  if (found.length === 0 && isGone(progress, before, acceptedForMs(input, clock()), work)) {
    await store.addresses.free(input.key)
    await store.hosts.record(await noteEnd(work.deps, input.record, input.recordWhenGone), clock())
    return { deleted: progress.seen }
  }
  await step(work, input, { progress, found, isDue: !untagged && isDueToAsk(progress, found, clock()) })
  throw notYet(waitingFor(input, found), work.failureContext(input))
}

/** Asks for the delete when it is due; writes down what people should see, whatever the cloud says. */
async function step(
  work: EcsWork,
  input: DeleteInput,
  { progress, found, isDue }: { progress: DeleteProgress; found: CloudInstance[]; isDue: boolean },
): Promise<void> {
  const { store, clock } = work.deps
  keepProgress(progress)
  let refusal: unknown
  const accepted =
    isDue &&
    (await removeAll(work, input, found).catch((error: unknown) => {
      refusal = error
      return false
    }))
  const asked = accepted ? { ...progress, askedAt: clock() } : progress
  keepProgress(asked)
  if (!progress.recorded) {
    await store.hosts.record(await noteEnd(work.deps, input.record), clock())
    keepProgress({ ...asked, recorded: true })
  }
  if (refusal !== undefined) throw refusal
}

async function findTargets(work: EcsWork, input: DeleteInput): Promise<CloudInstance[]> {
  const { ecs, look } = work.region(input.region)
  if (input.instanceId === undefined) return ecs.findInstances(instanceTags(input.owner, input.key))
  const instance = await look(input.instanceId)
  return instance ? [instance] : []
}

/** The tags of a fresh instance may be listed after the instance itself. */
const isUntagged = ({ tags }: CloudInstance): boolean => Object.values(TAGS).every((name) => !(name in tags))

const isFresh = ({ firstSeenAt }: DeleteProgress, now: number, { visibleAfterMs }: EcsWork): boolean =>
  firstSeenAt !== undefined && now - firstSeenAt < visibleAfterMs

/** @throws ApplicationFailure, never retried: a person must look at the tags */
function refuseForeign(instance: CloudInstance, { owner, key }: DeleteInput): void {
  if (isTaggedFor(instance.tags, owner, key)) return
  const tagged = Object.entries(instanceTags(owner, key))
    .filter(([name, value]) => instance.tags[name] !== value)
    .map(
      ([name, value]) =>
        `${name} is ${JSON.stringify(instance.tags[name] ?? null)}, not ${JSON.stringify(value)}`,
    )
  throw ApplicationFailure.create({
    message: `refuses to delete ${instance.instanceId}: tagged for another: ${tagged.join(', ')}; check who owns it and delete it by hand if it is yours`,
    type: 'ForeignInstance',
    nonRetryable: true,
  })
}

function advance(before: DeleteProgress, found: CloudInstance[], now: number): DeleteProgress {
  const seen = [...new Set([...before.seen, ...found.map(({ instanceId }) => instanceId)])]
  if (found.length === 0) return { ...before, firstAbsentAt: before.firstAbsentAt ?? now }
  const { firstAbsentAt: _, ...rest } = before
  return { ...rest, seen, firstSeenAt: before.firstSeenAt ?? now }
}

/** Asked when nothing was found just now. */
function isGone(
  now: DeleteProgress,
  before: DeleteProgress | undefined,
  acceptedMs: number,
  work: EcsWork,
): boolean {
  if (now.seen.length > 0 && now.askedAt !== undefined) return true
  if (before?.firstAbsentAt === undefined) return false
  if (now.seen.length > 0) return true
  const absentMs = work.deps.clock() - before.firstAbsentAt
  return Math.max(absentMs, acceptedMs) >= work.visibleAfterMs
}

/** How long ago the launch was accepted at least: it was scheduled at `launchedAt` and given up after ten minutes. */
function acceptedForMs({ record, instanceId }: DeleteInput, now: number): number {
  if (record.launchedAt === undefined || instanceId === undefined) return 0
  return now - record.launchedAt - MAX_LAUNCH_WINDOW_MS
}

function isDueToAsk({ firstSeenAt, askedAt }: DeleteProgress, found: CloudInstance[], now: number): boolean {
  if (found.length === 0) return false
  if (askedAt !== undefined && now - askedAt < ASK_AGAIN_MS) return false
  const initializing = found.some(({ status }) => status === 'Pending' || status === 'Starting')
  return !initializing || now - (firstSeenAt ?? now) >= INITIALIZING_PATIENCE_MS
}

/** True when the cloud has accepted; false when the line is long and the next try asks how it went. */
async function removeAll(work: EcsWork, input: DeleteInput, found: CloudInstance[]): Promise<boolean> {
  const { remove } = work.region(input.region)
  const { host, attempt } = input.key
  const stop = new AbortController()
  const late = sleep(LINE_MS, false, { signal: stop.signal }).catch(() => false)
  async function removed({ instanceId }: CloudInstance): Promise<void> {
    try {
      await remove(instanceId)
      work.deps.log.info({ host, attempt, instanceId }, `delete accepted: ${input.reason}`)
    } catch (error) {
      if (!(error instanceof EcsError) || error.fault.class !== 'gone') throw error
    }
  }
  try {
    return await Promise.race([Promise.all(found.map(removed)).then(() => true), late])
  } finally {
    stop.abort()
  }
}

function waitingFor({ instanceId, key }: DeleteInput, found: CloudInstance[]): string {
  if (found.length > 0) return found.map((one) => `${one.instanceId} is still ${one.status}`).join(', ')
  const what = instanceId ?? `an instance of ${key.host}, attempt ${key.attempt}`
  return `${what} is not listed; a fresh one may not be visible yet`
}
