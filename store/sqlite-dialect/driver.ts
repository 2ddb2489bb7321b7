import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, type Driver } from 'kysely'
import { BLOCKING_WAIT_MS, whenFree } from './busy.ts'
import { createConnection } from './connection.ts'

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
      const opened = new DatabaseSync(file, { timeout: BLOCKING_WAIT_MS })
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
      // A full disk ends the transaction on its own.
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

/** Readers in parallel with a writer. Changing to it needs the file alone for a moment, which SQLite does not wait for on its own. */
async function useWriteAheadLog(db: DatabaseSync): Promise<void> {
  await whenFree(db, () => {
    db.exec('pragma journal_mode = wal')
  })
  // With the log this loses no commit when a process dies, and at worst the last ones when the machine does.
  db.exec('pragma synchronous = normal')
  db.exec('pragma foreign_keys = on')
}
