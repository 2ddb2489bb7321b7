import { isIP } from 'node:net'
import { MusterError } from '../domain/errors.ts'
import { attemptColumns } from './attempt.ts'
import type { AddressStore } from './contract.ts'
import type { Database } from './database.ts'

export function createAddressStore({ db, write }: Database): AddressStore {
  return {
    async byIp(privateIp) {
      return db
        .selectFrom('addresses')
        .select(['host', 'generation', 'attempt'])
        .where('private_ip', '=', privateIp)
        .executeTakeFirst()
    },

    async free(key) {
      await db
        .deleteFrom('addresses')
        .where((where) => where.and(attemptColumns(key)))
        .execute()
    },

    async claim(privateIp, now, expiresAt) {
      if (isIP(privateIp) === 0) {
        throw new MusterError('bad_request', `"${privateIp}" is no IP address`)
      }
      const times = { claimed_at: now, expires_at: expiresAt }
      await write(async (trx) => {
        await trx.deleteFrom('address_claims').where('expires_at', '<=', now).execute()
        await trx
          .insertInto('address_claims')
          .values({ private_ip: privateIp, ...times })
          .onConflict((conflict) => conflict.column('private_ip').doUpdateSet(times))
          .execute()
      })
    },

    async matchingClaims(now) {
      const rows = await db
        .selectFrom('address_claims')
        .innerJoin('addresses', 'addresses.private_ip', 'address_claims.private_ip')
        .select(['addresses.private_ip', 'host', 'generation', 'attempt'])
        .where('expires_at', '>', now)
        .orderBy('addresses.private_ip')
        .execute()
      return rows.map(({ private_ip, ...key }) => ({ privateIp: private_ip, key }))
    },

    async takeClaim(privateIp, now) {
      const taken = await db
        .deleteFrom('address_claims')
        .where('private_ip', '=', privateIp)
        .returning('expires_at')
        .executeTakeFirst()
      return taken !== undefined && taken.expires_at > now
    },
  }
}
