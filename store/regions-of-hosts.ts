import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** Where the cloud has, or may have, an instance of ours: regions of all hosts that are not retired, in order. */
export async function regionsOfHosts(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db
    .selectFrom('hosts')
    .select('region')
    .distinct()
    .where('phase', '!=', 'retired')
    .orderBy('region')
    .execute()
  return rows.map(({ region }) => region)
}
