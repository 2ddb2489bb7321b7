import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'

/** The enrollment key that the token of a host's agent is signed with. */
export function hostKeys({ text }: ColumnTypes): Migration {
  return {
    async up(db) {
      await db.schema.alterTable('hosts').addColumn('key_id', text).execute()
    },
  }
}
