import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import type { Backend, BeatColumns, FactsJson } from './backend.ts'
import { nodeSqliteDialect } from './sqlite-dialect/dialect.ts'
import { isBusy } from './sqlite-dialect/busy.ts'

/** @param file path whose folder is made when missing, or `:memory:` */
export function sqliteBackend(file: string): Backend {
  if (file !== ':memory:') makePrivate(file)
  return {
    name: 'sqlite',
    label: `SQLite file ${file}`,
    dialect: nodeSqliteDialect(file),
    types: {
      rowId: sql`integer primary key autoincrement`,
      text: sql`text`,
      integer: sql`integer`,
      double: sql`real`,
      bytes: sql`blob`,
    },
    lock: async () => {},
    beatRows: (json) => sql<BeatColumns>`
      select value ->> 'host' as host, value ->> 'generation' as generation, value ->> 'attempt' as attempt,
        value ->> 'at' as at, value ->> 'workload' as workload, value ->> 'load' as load,
        value ->> 'skew' as skew
      from json_each(${json})`,
    factsRows: (json) => sql<FactsJson>`
      select value ->> 'host' as host, value ->> 'generation' as generation, value ->> 'attempt' as attempt,
        value ->> 'facts' as facts
      from json_each(${json})`,
    isRepeatable: isBusy,
  }
}

/**
 * It contains console output of instances: private, even in a folder that others may read. SQLite gives the files next
 * to it (`-wal`, `-shm`) the same mode.
 */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}
