import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'

/** What the breaker knows: who probes, what became of boots, and how often a place was without stock. */
export function holdTables({ rowId, text, integer }: ColumnTypes): Migration {
  return {
    async up(db) {
      const holds = [
        ['failed_probes', integer],
        ['probe_host', text],
        ['probe_generation', text],
        ['probe_attempt', integer],
        ['probe_until', integer],
        ['opened_by', text],
        ['closed_by', text],
        ['closed_why', text],
      ] as const
      for (const [column, type] of holds)
        await db.schema.alterTable('holds').addColumn(column, type).execute()
      await db.schema.createIndex('holds_by_region').on('holds').columns(['region', 'closed_at']).execute()
      await db.schema.alterTable('capacity_notes').addColumn('strikes', integer).execute()
      await db.schema
        .createTable('boot_outcomes')
        .addColumn('id', rowId)
        .addColumn('host', text, (made) => made.notNull())
        .addColumn('generation', text, (made) => made.notNull())
        .addColumn('attempt', integer, (made) => made.notNull())
        .addColumn('region', text, (made) => made.notNull())
        .addColumn('image_id', text, (made) => made.notNull())
        .addColumn('zone', text, (made) => made.notNull())
        .addColumn('instance_type', text, (made) => made.notNull())
        .addColumn('fleet', text, (made) => made.notNull())
        .addColumn('outcome', text, (made) => made.notNull())
        .addColumn('launched_at', integer, (made) => made.notNull())
        .addColumn('at', integer, (made) => made.notNull())
        .addColumn('effects', text, (made) => made.notNull())
        .execute()
      const index = (name: string, columns: string[]) =>
        db.schema.createIndex(name).on('boot_outcomes').columns(columns)
      // An activity that is tried again must not count twice.
      await index('boot_outcomes_once', ['host', 'generation', 'attempt']).unique().execute()
      await index('boot_outcomes_by_image', ['region', 'image_id', 'at']).execute()
      await index('boot_outcomes_by_fleet', ['region', 'fleet', 'at']).execute()
      await index('boot_outcomes_by_age', ['at']).execute()
    },
  }
}
