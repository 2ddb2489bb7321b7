import type { Kysely } from 'kysely'
import type { HoldRow } from './contract.ts'
import { holdOf } from './hold-row.ts'
import type { Schema } from './schema.ts'

/** Those that are not closed, the oldest first. */
export async function activeHolds(db: Kysely<Schema>, region: string, now: number): Promise<HoldRow[]> {
  const rows = await db
    .selectFrom('holds')
    .selectAll()
    .where('region', '=', region)
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .orderBy('id')
    .execute()
  return rows.map((row) => holdOf(row, now))
}
