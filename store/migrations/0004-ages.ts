import type { Migration } from 'kysely/migration'

/** What is old is found without reading everything. */
export function ageIndexes(): Migration {
  return {
    async up(db) {
      const index = (table: string, column: string) =>
        db.schema.createIndex(`${table}_by_age`).on(table).column(column).execute()
      await index('host_events', 'recorded_at')
      await index('audit', 'at')
      await index('evidence', 'taken_at')
      await index('commands', 'created_at')
    },
  }
}
