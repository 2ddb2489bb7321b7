import { MusterError } from '../domain/errors.ts'
import type { TokenStore } from './contract.ts'
import type { Database } from './database.ts'

const SHA256_HEX = /^[0-9a-f]{64}$/
const MAX_NAME = 100

export function createTokenStore({ db }: Database): TokenStore {
  return {
    async add({ hash, name, role, createdAt }) {
      if (!SHA256_HEX.test(hash)) {
        // Not shown: it may be the token itself.
        throw new MusterError('bad_request', 'a token is stored by its SHA-256 as 64 lower-case hex digits')
      }
      if (name === '' || name.length > MAX_NAME) {
        throw new MusterError('bad_request', `the name of a token has 1 to ${MAX_NAME} characters`)
      }
      const added = await db
        .insertInto('tokens')
        .values({ hash, name, role, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .returning('name')
        .executeTakeFirst()
      if (!added) {
        throw new MusterError(
          'conflict',
          `there is a token named "${name}" already, or this token under another name: remove it first`,
        )
      }
    },

    async find(hash) {
      return db.selectFrom('tokens').select(['name', 'role']).where('hash', '=', hash).executeTakeFirst()
    },

    async remove(name) {
      const removed = await db.deleteFrom('tokens').where('name', '=', name).returning('name').execute()
      return removed.length > 0
    },

    async list() {
      return db
        .selectFrom('tokens')
        .select(['name', 'role', 'created_at as createdAt'])
        .orderBy('name')
        .execute()
    },
  }
}
