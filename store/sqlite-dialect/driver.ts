import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery, type DatabaseConnection, type Driver } from 'kysely'
import { createConnection } from './connection.ts'

/** How long a writer waits for the other processes' writers before it fails. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * node:sqlite as Kysely wants a driver. Transactions take the write lock when they begin: a plain BEGIN that reads and
 * then writes fails with "database is locked" as soon as two processes do it, whatever the busy timeout.
 *
 * @param file path, or `:memory:`
 */
export function createDriver(file: string): Driver {
  let db: DatabaseSync | undefined
  let connection: DatabaseConnection | undefined
  const run = (target: DatabaseConnection, sql: string) => target.executeQuery(CompiledQuery.raw(sql))

  return {
    async init() {
      const opened = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
      try {
        await useWriteAheadLog(opened)
      } catch (error) {
        opened.close()
        throw error
      }
      db = opened
      connection = createConnection(opened)
    },
    async acquireConnection() {
      if (!connection) throw new Error('the SQLite store is not open')
      return connection
    },
    async beginTransaction(target, { accessMode }) {
      await run(target, accessMode === 'read only' ? 'begin' : 'begin immediate')
    },
    async commitTransaction(target) {
      await run(target, 'commit')
    },
    async rollbackTransaction(target) {
      // A full disk ends the transaction by itself.
      if (db?.isTransaction) await run(target, 'rollback')
    },
    async releaseConnection() {
      // There is one connection, and Kysely hands it out to one at a time.
    },
    async destroy() {
      db?.close()
      db = undefined
      connection = undefined
    },
  }
}

/**
 * Readers beside a writer. Changing to it needs the file alone for a moment, and SQLite does not wait for that by the
 * busy timeout: several processes that open a new file at once have to try again.
 */
async function useWriteAheadLog(db: DatabaseSync): Promise<void> {
  const until = performance.now() + BUSY_TIMEOUT_MS
  for (;;) {
    try {
      db.exec('pragma journal_mode = wal')
      break
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
      await sleep(20)
    }
  }
  // With the log this loses no commit when a process dies, and at worst the last ones when the machine does.
  db.exec('pragma synchronous = normal')
  db.exec('pragma foreign_keys = on')
}

/** SQLITE_BUSY 5 and SQLITE_LOCKED 6, with their extended codes. */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' && ((code & 0xff) === 5 || (code & 0xff) === 6)
}
