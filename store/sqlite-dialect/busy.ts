import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a writer waits for the other writers before it fails. */
const PATIENCE_MS = 5_000

/**
 * How long SQLite itself waits, and all of this process with it: enough for a short write of another process. The rest
 * of the patience is spent asleep. Were it all spent in SQLite, two connections of one process could wait for each other.
 */
export const BLOCKING_WAIT_MS = 10
const PAUSE_MS = 5

/** Does it, again and again while another writer holds the file. Within a transaction nothing of ours is ever busy. */
export async function whenFree<T>(db: DatabaseSync, work: () => T): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || db.isTransaction || performance.now() > until) throw error
    }
    await sleep(PAUSE_MS)
  }
}

/** SQLITE_BUSY 5 and SQLITE_LOCKED 6, with their extended codes. */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' && ((code & 0xff) === 5 || (code & 0xff) === 6)
}
