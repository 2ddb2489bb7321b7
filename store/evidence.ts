import { MusterError } from '../domain/errors.ts'
import { attemptColumns } from './attempt.ts'
import type { EvidenceRow, EvidenceStore } from './contract.ts'
import type { Database } from './database.ts'

const MAX_CONTENT_BYTES = 256 * 1024

/** The last four attempts with console, screenshot and events: a host that never boots must not fill the disk. */
const KEPT_PER_HOST = 12

export function createEvidenceStore({ db, write }: Database): EvidenceStore {
  return {
    async put(row) {
      const key = { ...attemptColumns(row), kind: row.kind }
      const columns = { content_type: row.contentType, content: fitting(row), taken_at: row.takenAt }
      await write(async (trx) => {
        await trx
          .insertInto('evidence')
          .values({ ...key, ...columns })
          .onConflict((conflict) =>
            conflict.columns(['host', 'generation', 'attempt', 'kind']).doUpdateSet(columns),
          )
          .execute()
        await trx
          .deleteFrom('evidence')
          .where('host', '=', row.host)
          .where('taken_at', '<', (older) =>
            older
              .selectFrom((newest) =>
                newest
                  .selectFrom('evidence')
                  .select('taken_at')
                  .where('host', '=', row.host)
                  .orderBy('taken_at', 'desc')
                  .limit(KEPT_PER_HOST)
                  .as('newest'),
              )
              .select((select) => select.fn.min('taken_at').as('oldest_kept')),
          )
          .execute()
      })
    },

    async list(host, generation) {
      return db
        .selectFrom('evidence')
        .select(['host', 'generation', 'attempt', 'kind'])
        .select(['content_type as contentType', 'taken_at as takenAt'])
        .where('host', '=', host)
        .$if(generation !== undefined, (query) => query.where('generation', '=', generation ?? ''))
        .orderBy('taken_at')
        .orderBy('generation')
        .orderBy('attempt')
        .orderBy('kind')
        .execute()
    },

    async get(host, generation, attempt, kind) {
      if (!Number.isSafeInteger(attempt)) return undefined
      const row = await db
        .selectFrom('evidence')
        .select(['content_type as contentType', 'content', 'taken_at as takenAt'])
        .where((where) => where.and({ host, generation, attempt, kind }))
        .executeTakeFirst()
      // pg gives a Buffer, which compares unlike a Uint8Array.
      return row && { host, generation, attempt, kind, ...row, content: Uint8Array.from(row.content) }
    },
  }
}

/** @throws MusterError `too_large`: half a picture is none */
function fitting({ content, contentType, kind, host, attempt }: EvidenceRow): Uint8Array {
  if (content.byteLength <= MAX_CONTENT_BYTES) return content
  if (!/^text\/|json/i.test(contentType)) {
    throw new MusterError(
      'too_large',
      `the ${kind} of ${host} attempt ${attempt} has ${content.byteLength} bytes, but may have ${MAX_CONTENT_BYTES}`,
    )
  }
  const end = content.subarray(content.byteLength - MAX_CONTENT_BYTES)
  // Not from the middle of a UTF-8 character: its later bytes are 10xxxxxx.
  const start = end.findIndex((byte) => (byte & 0xc0) !== 0x80)
  return end.subarray(Math.max(0, start))
}
