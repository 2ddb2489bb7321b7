import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'

/** What stands on status pages because of us. */
export function incidentTables({ text, integer }: ColumnTypes): Migration {
  return {
    async up(db) {
      await db.schema
        .createTable('incidents')
        .addColumn('page_id', text, (made) => made.notNull())
        .addColumn('subject', text, (made) => made.notNull())
        .addColumn('kind', text, (made) => made.notNull())
        .addColumn('about', text, (made) => made.notNull())
        .addColumn('since', integer, (made) => made.notNull())
        .addColumn('incident_id', text)
        .addColumn('attempted_at', integer)
        .addColumn('opened_at', integer)
        .addColumn('dismissed_at', integer)
        .addColumn('resolved_at', integer)
        .addColumn('name', text, (made) => made.notNull())
        .addColumn('body', text, (made) => made.notNull())
        .addPrimaryKeyConstraint('incidents_key', ['page_id', 'subject'])
        .execute()
      await db.schema.createIndex('incidents_by_age').on('incidents').column('resolved_at').execute()
      await db.schema
        .createTable('page_components')
        .addColumn('page_id', text, (made) => made.notNull())
        .addColumn('component_id', text, (made) => made.notNull())
        .addColumn('status', text)
        .addColumn('asked', text)
        .addColumn('set_at', integer, (made) => made.notNull())
        .addPrimaryKeyConstraint('page_components_key', ['page_id', 'component_id'])
        .execute()
    },
  }
}
