import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import type { Backend, BeatColumns } from './backend.ts'
import { nodeSqliteDialect } from './sqlite-dialect/dialect.ts'
import { isBusy } from './sqlite-dialect/busy.ts'

/** @param file path whose folder is made when missing, or `:memory:` */
export function sqliteBackend(file: string): Backend {
  // Console output of instances lies in there: nobody else's business.
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
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
        value ->> 'at' as at, value ->> 'workload' as workload, value ->> 'load' as load
      from json_each(${json})`,
    isRepeatable: isBusy,
  }
}
