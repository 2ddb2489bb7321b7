import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'

/** What a fleet says of itself besides its numbers, and when the cloud takes a host's instance. */
export function fleetStatus({ text, integer }: ColumnTypes): Migration {
  return {
    async up(db) {
      await db.schema.alterTable('hosts').addColumn('reclaim_at', integer).execute()
      await db.schema.alterTable('fleets').addColumn('status', text).execute()
    },
  }
}
