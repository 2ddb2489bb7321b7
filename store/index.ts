import type { Store } from './contract.ts'
import { createStore } from './create-store.ts'
import { openDatabase, readAsItIs, type StoreOptions } from './database.ts'
import { keysInUseAsItIs, type KeyInUse } from './keys-in-use.ts'

export type * from './contract.ts'
export type { StoreOptions } from './database.ts'
export type { KeyInUse } from './keys-in-use.ts'

/**
 * Opens the store and brings its tables up to date; safe when several processes open it at once.
 *
 * @throws MusterError `bad_config` when neither or both are given, the URL is none, or a newer Muster wrote the store;
 *   `unavailable` when it cannot be reached
 * @example const store = await openStore({ file: '.muster/store.db' })
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  return createStore(await openDatabase(options))
}

/**
 * Enrollment keys of hosts that are not retired, without changing anything of the store; undefined where there is none.
 *
 * @throws MusterError as `openStore`
 */
export const readKeysInUse = (options: StoreOptions): Promise<KeyInUse[] | undefined> =>
  readAsItIs(options, keysInUseAsItIs)
