import { MusterError } from '../domain/errors.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { HostSpec } from '../domain/spec.ts'
import type { SpecStore } from './contract.ts'
import type { Database } from './database.ts'
import { jsonWithin } from './limits.ts'
import { sha256Hex } from './token-crypto.ts'

/** It travels in every workflow's input. */
const MAX_SPEC_BYTES = 8 * 1024
const HASH_DIGITS = 12

/** Names a spec: the first 12 hex digits of the SHA-256 of its canonical text. */
export function specHash(spec: HostSpec): string {
  return sha256Hex(canonicalJson(spec)).slice(0, HASH_DIGITS)
}

export function createSpecStore({ db }: Database): SpecStore {
  const textOf = async (hash: string) =>
    (await db.selectFrom('specs').select('spec').where('hash', '=', hash).executeTakeFirst())?.spec

  return {
    async put(spec, now) {
      jsonWithin(spec, MAX_SPEC_BYTES, 'the host spec')
      const text = canonicalJson(spec)
      const hash = specHash(spec)
      await db
        .insertInto('specs')
        .values({ hash, spec: text, created_at: now })
        .onConflict((conflict) => conflict.column('hash').doUpdateSet({ created_at: now }))
        .execute()
      if ((await textOf(hash)) !== text) {
        throw new MusterError(
          'conflict',
          `another spec has the hash ${hash} already: change anything in the new one, a tag for example`,
        )
      }
      return hash
    },
    async get(hash) {
      const text = await textOf(hash)
      return text === undefined ? undefined : (JSON.parse(text) as HostSpec)
    },
  }
}
