import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'

/** What the clock of a host is ahead of the API's. */
export function clockSkew({ integer }: ColumnTypes): Migration {
  return {
    async up(db) {
      await db.schema.alterTable('hosts').addColumn('clock_skew_ms', integer).execute()
    },
  }
}
