import { Context } from '@temporalio/activity'
import { DEFAULT_KEEP_MS } from '../../domain/keep.ts'
import type { SweepActivityDeps } from './deps.ts'

/** Transactions in one sweep: the next sweep continues. */
const MOST_BATCHES = 200

/**
 * Deletes what the store has kept for long enough. Nothing waits for it and the next sweep tries again, so a failure is
 * reported and stops nothing.
 */
export async function tidy({
  store,
  clock,
  log,
  keepMs = DEFAULT_KEEP_MS,
}: SweepActivityDeps): Promise<void> {
  const before = clock() - keepMs
  let rows = 0
  try {
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      Context.current().cancellationSignal.throwIfAborted()
      const gone = await store.prune(before)
      rows += gone
      if (gone === 0) break
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ reason }, 'old rows of the store could not be deleted; the next sweep tries again')
  }
  if (rows > 0)
    log.info({ rows, before: new Date(before).toISOString() }, 'old rows of the store are deleted')
}
