import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import { instanceTags, isTaggedFor, TAGS } from '../../domain/tags.ts'
import type { DeleteAnswer, DeleteInput } from '../contract.ts'
import { noteEnd } from '../hosts/note-boot.ts'
import type { CloudInstance } from './api.ts'
import { deleteProgress, isDeleteDue, isGone, withFound, type DeleteProgress } from './delete-progress.ts'
import { EcsError } from './ecs-error.ts'
import { notYet } from './failure.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

/**
 * Deletes are limited to a hundred a second, so one may wait in a long queue. The try ends before its start-to-close
 * timeout, and the next one joins the same waiting call.
 */
const QUEUE_PATIENCE_MS = 5_000

/**
 * One step of deleting, retried until the instance is gone. Only an instance that carries the tags of exactly this
 * attempt is deleted. Gone means that the cloud has accepted the delete and no longer lists the instance; that it was seen
 * and is absent twice in a row (one empty list is no proof); or, if it was never seen, that it is absent twice with the
 * time between that a new id may need to become visible.
 *
 * @throws ApplicationFailure `NotYet` while the instance is there or may be; `ForeignInstance`, never retried, when it
 *   carries the tags of another attempt; EcsError when the cloud refuses
 */
export async function deleteInstance(work: EcsWork, input: DeleteInput): Promise<DeleteAnswer> {
  const { clock } = work.deps
  const before = readProgress(deleteProgress)
  const found = await findTargets(work, input)
  const progress = withFound(before ?? { seen: [] }, found, clock())

  const awaitsTags = found.some(isUntagged) && isFresh(progress, clock(), work)
  if (!awaitsTags) for (const instance of found) refuseForeign(instance, input)

  const { visibleAfterMs } = work
  if (found.length === 0 && isGone(input, progress, before, { now: clock(), visibleAfterMs })) {
    await recordGone(work, input)
    return { deleted: progress.seen }
  }

  keepProgress(progress)
  const isDue = !awaitsTags && isDeleteDue(progress, found, clock())
  const { accepted, refusal } = isDue ? await tryToDelete(work, input, found) : NOT_SENT
  await recordDeleting(work, input, accepted ? { ...progress, askedAt: clock() } : progress)
  if (refusal !== undefined) throw refusal
  throw notYet(waitingFor(input, found), work.failureContext(input))
}

async function findTargets(work: EcsWork, input: DeleteInput): Promise<CloudInstance[]> {
  const { ecs, look } = work.region(input.region)
  if (input.instanceId === undefined) return ecs.findInstances(instanceTags(input.owner, input.key))
  const instance = await look(input.instanceId)
  return instance ? [instance] : []
}

/** The tags of a new instance may be listed later than the instance itself. */
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

async function recordGone({ deps }: EcsWork, { key, record, recordWhenGone }: DeleteInput): Promise<void> {
  await deps.store.addresses.free(key)
  await deps.store.hosts.record(await noteEnd(deps, record, recordWhenGone), deps.clock())
}

/** What became of a delete that was sent; a refusal is kept, because the record is written before it is thrown. */
interface DeleteOutcome {
  accepted: boolean
  refusal?: unknown
}

const NOT_SENT: DeleteOutcome = { accepted: false }

async function tryToDelete(
  work: EcsWork,
  input: DeleteInput,
  found: CloudInstance[],
): Promise<DeleteOutcome> {
  try {
    return { accepted: await deleteAll(work, input, found) }
  } catch (refusal) {
    return { accepted: false, refusal }
  }
}

/** @returns false when the queue is long: the next try asks how it went */
async function deleteAll(work: EcsWork, input: DeleteInput, found: CloudInstance[]): Promise<boolean> {
  const stop = new AbortController()
  const tooLate = sleep(QUEUE_PATIENCE_MS, false, { signal: stop.signal }).catch(() => false)
  const accepted = Promise.all(found.map((instance) => deleteOne(work, input, instance))).then(() => true)
  try {
    return await Promise.race([accepted, tooLate])
  } finally {
    stop.abort()
  }
}

async function deleteOne(work: EcsWork, input: DeleteInput, { instanceId }: CloudInstance): Promise<void> {
  const { host, attempt } = input.key
  try {
    await work.region(input.region).remove(instanceId)
    work.deps.log.info({ host, attempt, instanceId }, `delete accepted: ${input.reason}`)
  } catch (error) {
    if (!(error instanceof EcsError) || error.fault.class !== 'gone') throw error
  }
}

/** Writes the record once, so that people see the host being deleted whatever the cloud has answered. */
async function recordDeleting(work: EcsWork, input: DeleteInput, progress: DeleteProgress): Promise<void> {
  const { store, clock } = work.deps
  keepProgress(progress)
  if (progress.recorded) return
  await store.hosts.record(await noteEnd(work.deps, input.record), clock())
  keepProgress({ ...progress, recorded: true })
}

function waitingFor({ instanceId, key }: DeleteInput, found: CloudInstance[]): string {
  if (found.length > 0) return found.map((one) => `${one.instanceId} is still ${one.status}`).join(', ')
  const what = instanceId ?? `an instance of ${key.host}, attempt ${key.attempt}`
  return `${what} is not listed; a fresh one may not be visible yet`
}
