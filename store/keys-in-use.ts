import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** An enrollment key, and how many hosts that are not retired were launched with it. */
export interface KeyInUse {
  keyId: string
  hosts: number
}

/** In order of id. Hosts whose launch is not planned yet have none. */
export async function keysInUse(db: Kysely<Schema>): Promise<KeyInUse[]> {
  return db
    .selectFrom('hosts')
    .select(['key_id as keyId', (count) => count.fn.countAll<number>().as('hosts')])
    .where('phase', '!=', 'retired')
    .where('key_id', 'is not', null)
    .groupBy('key_id')
    .orderBy('key_id')
    .$narrowType<{ keyId: string }>()
    .execute()
}

/** The same of a store that may be of an earlier Muster, or not begun: hosts of those name no key. */
export async function keysInUseAsItIs(db: Kysely<Schema>): Promise<KeyInUse[]> {
  const tables = await db.introspection.getTables()
  const columns = tables.find(({ name }) => name === 'hosts')?.columns ?? []
  return columns.some(({ name }) => name === 'key_id') ? await keysInUse(db) : []
}
