import { isIP } from 'node:net'
import type { Kysely } from 'kysely'
import { MusterError } from '../domain/errors.ts'
import { attemptColumns } from './attempt.ts'
import type { AddressStore } from './contract.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

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
        throw new MusterError('bad_request', `"${privateIp}" is not an IP address`)
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
      const rows = await claimsOfOwners(db, now).orderBy('addresses.private_ip').execute()
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

/** Claims that have not expired, with the attempt that holds the address and that can have made them. */
const claimsOfOwners = (db: Kysely<Schema>, now: number) =>
  db
    .selectFrom('address_claims')
    .innerJoin('addresses', 'addresses.private_ip', 'address_claims.private_ip')
    .innerJoin('hosts', (join) =>
      join
        .onRef('hosts.host', '=', 'addresses.host')
        .onRef('hosts.generation', '=', 'addresses.generation')
        .onRef('hosts.attempt', '=', 'addresses.attempt'),
    )
    .select(['addresses.private_ip', 'addresses.host', 'addresses.generation', 'addresses.attempt'])
    .where('expires_at', '>', now)
    // Who spoke before this instance was launched was another machine with the same address, perhaps a moment ago. No
    // allowance for clocks (launches have Temporal's, claims the API's): they are apart by less than any boot takes, and
    // so its own claim is the later one by either.
    .where((where) =>
      where.or([where('launched_at', 'is', null), where('claimed_at', '>=', where.ref('launched_at'))]),
    )
