import type { Store } from './contract.ts'
import { createStore } from './create-store.ts'
import { openDatabase, type StoreOptions } from './database.ts'

export type * from './contract.ts'
export type { StoreOptions } from './database.ts'

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
