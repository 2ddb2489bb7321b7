import { z } from 'zod'
import { MAX_LAUNCH_WINDOW_MS } from '../../domain/host/state.ts'
import type { DeleteInput } from '../contract.ts'
import type { CloudInstance } from './api.ts'

/** What the tries so far have seen. Instants in ms by the wall clock of the worker. */
export const deleteProgress = z.object({
  seen: z.array(z.string()),
  firstSeenAt: z.number().optional(),
  /** When the cloud last accepted a delete. */
  askedAt: z.number().optional(),
  firstAbsentAt: z.number().optional(),
  /** `record` is in the store. */
  recorded: z.boolean().optional(),
})
export type DeleteProgress = z.infer<typeof deleteProgress>

/** The cloud refuses to delete an instance it is still creating; after this long the delete is sent all the same. */
const INITIALIZING_PATIENCE_MS = 2 * 60_000
/** A delete that was accepted and shows no effect is sent again after this long. */
const RESEND_AFTER_MS = 60_000

/** The progress with what this try has found. */
export function withFound(before: DeleteProgress, found: CloudInstance[], now: number): DeleteProgress {
  if (found.length === 0) return { ...before, firstAbsentAt: before.firstAbsentAt ?? now }
  const { firstAbsentAt: _, ...rest } = before
  const seen = [...new Set([...before.seen, ...found.map(({ instanceId }) => instanceId)])]
  return { ...rest, seen, firstSeenAt: before.firstSeenAt ?? now }
}

/**
 * Whether an instance that was not found just now has been deleted. An empty list alone is no proof: the instance may not
 * be listed yet.
 *
 * @param progress with this try
 * @param before without this try
 * @param visibleAfterMs how long a new instance may take to be listed
 */
export function isGone(
  input: DeleteInput,
  progress: DeleteProgress,
  before: DeleteProgress | undefined,
  { now, visibleAfterMs }: { now: number; visibleAfterMs: number },
): boolean {
  const wasSeen = progress.seen.length > 0
  if (wasSeen && progress.askedAt !== undefined) return true
  const absentSince = before?.firstAbsentAt
  if (absentSince === undefined) return false
  if (wasSeen) return true
  return Math.max(now - absentSince, sinceAcceptedMs(input, now)) >= visibleAfterMs
}

/** How long ago the launch was accepted, at least: it was scheduled at `launchedAt` and given up ten minutes later. */
function sinceAcceptedMs({ record, instanceId }: DeleteInput, now: number): number {
  if (record.launchedAt === undefined || instanceId === undefined) return 0
  return now - record.launchedAt - MAX_LAUNCH_WINDOW_MS
}

/** Whether the cloud should be asked now to delete what was found. */
export function isDeleteDue(
  { firstSeenAt, askedAt }: DeleteProgress,
  found: CloudInstance[],
  now: number,
): boolean {
  if (found.length === 0) return false
  if (askedAt !== undefined && now - askedAt < RESEND_AFTER_MS) return false
  const initializing = found.some(({ status }) => status === 'Pending' || status === 'Starting')
  return !initializing || now - (firstSeenAt ?? now) >= INITIALIZING_PATIENCE_MS
}
