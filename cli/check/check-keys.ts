import { join } from 'node:path'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { readKeysInUse, type StoreOptions } from '../../store/index.ts'
import { droppedKeyText, droppedKeys } from '../stack/dropped-keys.ts'
import { storeOptions } from '../stack/parts.ts'
import { runningStack } from '../stack/remembered.ts'
import { temporalAddress } from '../stack/temporal-of.ts'
import type { CheckItem } from './check-item.ts'

const WHAT = 'enrollment keys'

/**
 * Whether the config still names every key that hosts were launched with, by the store as it is. Not among what is
 * checked before a start: that reports it and goes on.
 */
export async function checkKeys(
  config: MusterConfig,
  { offline, storeFile }: { offline: boolean; storeFile?: string | undefined },
): Promise<CheckItem[]> {
  // Without any, those of the stack on this machine are used, which never drops one.
  if (config.api.keys.length === 0) return []
  if (offline) return [{ what: WHAT, result: 'skipped', detail: 'the store was not asked' }]
  const variable = config.store.postgresUrlEnv
  // That it is not set is reported for the variable itself.
  if (variable !== undefined && !process.env[variable]) return []
  try {
    const store = storeOf(config, storeFile)
    const inUse = store && (await readKeysInUse(store))
    if (inUse === undefined) return [{ what: WHAT, result: 'skipped', detail: 'there is no store yet' }]
    const dropped = droppedKeys(
      inUse,
      config.api.keys.map(({ id }) => id),
    )
    if (dropped.length > 0)
      return dropped.map((key) => ({
        what: WHAT,
        result: 'failed',
        detail: droppedKeyText(key),
        field: 'api.keys',
      }))
    return [{ what: WHAT, result: 'ok', detail: 'no host was launched with another one' }]
  } catch (error) {
    if (!(error instanceof MusterError)) throw error
    return [{ what: WHAT, result: 'failed', detail: error.message }]
  }
}

/** Where worker and API have it, else the stack on this machine; undefined: nothing runs. */
function storeOf(config: MusterConfig, file?: string): StoreOptions | undefined {
  const { sqlite, postgresUrlEnv } = config.store
  const isNamed = (file ?? sqlite ?? postgresUrlEnv ?? temporalAddress(config)) !== undefined
  const folder = isNamed ? '.muster' : runningStack()?.state
  return folder === undefined ? undefined : storeOptions(config, file ?? join(folder, 'muster.db'))
}
