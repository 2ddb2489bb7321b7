import type { Kysely } from 'kysely'
import { compact } from './compact.ts'
import type { AuditRow, AuditStore } from './contract.ts'
import type { Database } from './database.ts'
import { cut, pageLimit, rowCursor } from './limits.ts'
import type { Schema } from './schema.ts'

const MAX_WHY = 2_000
const MAX_NAME = 500

/** Also within the transaction that does what the entry says. */
export async function noteAudit(
  db: Kysely<Schema>,
  { at, who, what, target, why, requestId }: AuditRow,
): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      at,
      who: cut(who, MAX_NAME),
      what: cut(what, MAX_NAME),
      target: cut(target, MAX_NAME),
      why: cut(why, MAX_WHY),
      request_id: requestId === undefined ? null : cut(requestId, MAX_NAME),
    })
    .execute()
}

export function createAuditStore({ db }: Database): AuditStore {
  return {
    add: (row) => noteAudit(db, row),

    async list({ target, who, before, limit }) {
      const rows = await db
        .selectFrom('audit')
        .select(['id', 'at', 'who', 'what', 'target', 'why', 'request_id as requestId'])
        .$if(target !== undefined, (query) => query.where('target', '=', target ?? ''))
        .$if(who !== undefined, (query) => query.where('who', '=', who ?? ''))
        .$if(before !== undefined, (query) => query.where('id', '<', rowCursor(before ?? 0)))
        .orderBy('id', 'desc')
        .limit(pageLimit(limit))
        .execute()
      return rows.map(compact)
    },
  }
}
