import { join, resolve } from 'node:path'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { runningStack } from './remembered.ts'
import type { TemporalAccess } from './temporal-access.ts'
import { accessAt, temporalAddress } from './temporal-of.ts'
import { readSecrets, type DevSecrets } from './secrets.ts'

/** Where a running installation is: as the config says, else the stack that runs on this machine. */
export interface InstallationPlace {
  temporal: TemporalAccess & { namespace: string }
  /** SQLite file, used where the config names no store. */
  storeFile: string
  /** Of a stack on this machine. */
  secrets?: DevSecrets
  apiUrl?: string
  /** host:port of the emulated cloud of that stack. */
  cloudEndpoint?: string
}

/** @throws MusterError `unavailable` when neither is known */
export function installationPlace(config: MusterConfig, store: string | undefined): InstallationPlace {
  const address = temporalAddress(config)
  if (address !== undefined) {
    const storeFile = resolve(store ?? join('.muster', 'muster.db'))
    return {
      temporal: { ...accessAt(address, config), namespace: config.temporal.namespace },
      storeFile,
    }
  }
  const running = runningStack()
  if (!running) {
    throw new MusterError(
      'unavailable',
      'no stack runs on this machine, and the config names no temporal.address: start one with `npm start`, or name the server',
    )
  }
  return {
    temporal: { ...running.temporal, namespace: running.namespace },
    storeFile: store ?? join(running.state, 'muster.db'),
    secrets: readSecrets(join(running.state, 'secrets.json')),
    apiUrl: running.api,
    ...(running.cloud !== undefined && { cloudEndpoint: running.cloud }),
  }
}
