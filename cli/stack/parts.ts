import type { Logger } from 'pino'
import { createEcsApi, type EcsApi, type EcsConfig } from '../../activities/index.ts'
import { startApi, type RunningApi } from '../../api/server.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { Store } from '../../store/contract.ts'
import { openStore } from '../../store/index.ts'
import type { Ending } from './ending.ts'
import { WISHED_PORTS, wishedOrAny } from './ports.ts'
import type { DevSecrets } from './secrets.ts'
import type { TemporalPart } from './temporal.ts'

/** The store the config names; without a name the given file. */
export async function openStorePart(config: MusterConfig, file: string, ending: Ending): Promise<Store> {
  const variable = config.store.postgresUrlEnv
  const url = variable === undefined ? undefined : process.env[variable]
  if (variable !== undefined && !url) {
    throw new MusterError(
      'bad_config',
      `store.postgresUrlEnv names ${variable}, but that variable is not set`,
    )
  }
  const store = await openStore(url ? { url } : { file: config.store.sqlite ?? file })
  ending.add('store', () => store.close())
  return store
}

/** One adapter per region, made when first asked for. */
export function ecsOf(common: Omit<EcsConfig, 'region'>): (region: string) => EcsApi {
  const made = new Map<string, EcsApi>()
  return (region) => {
    const api = made.get(region) ?? createEcsApi({ ...common, region })
    made.set(region, api)
    return api
  }
}

/** Secrets of enrollment tokens by key id, and the one that new launches are signed with. */
export interface EnrollmentKeys {
  all: Record<string, string>
  current: string
}

/**
 * The keys the config names, by environment variables; where it names none, the dev stack's own.
 * @throws MusterError `bad_config` naming the variable that is not set
 */
export function enrollmentKeys(config: MusterConfig, dev?: DevSecrets): EnrollmentKeys {
  const [first] = config.api.keys
  if (!first) {
    if (dev) return { all: dev.enrollmentKeys, current: dev.currentKeyId }
    throw new MusterError(
      'bad_config',
      'api.keys is empty: name at least one key and the variable that holds its secret',
    )
  }
  const all = config.api.keys.map(({ id, secretEnv }) => {
    const secret = process.env[secretEnv]
    if (!secret)
      throw new MusterError(
        'bad_config',
        `api.keys: key ${id} names ${secretEnv}, but that variable is not set`,
      )
    return [id, secret]
  })
  return { all: Object.fromEntries(all), current: first.id }
}

export interface ApiPartOptions {
  config: MusterConfig
  temporal: TemporalPart
  store: Store
  keys: EnrollmentKeys
  devToken?: string
  log: Logger
}

export async function startApiPart(options: ApiPartOptions, ending: Ending): Promise<RunningApi> {
  const { config, temporal, store, keys, log, devToken } = options
  const api = await startApi({
    id: `api-${process.pid}`,
    controller: config.controller,
    temporal: temporal.client,
    namespace: temporal.namespace,
    store,
    enrollmentKeys: keys.all,
    identity: { privateIp: config.identity.privateIp, document: 'off' },
    trustedProxies: config.api.trustedProxies,
    ...(temporal.uiUrl && { temporalUiUrl: temporal.uiUrl }),
    ...(config.api.publicUrl && { publicUrl: config.api.publicUrl }),
    heartbeatSeconds: 15,
    operatorAuth: devToken === undefined ? {} : { devToken },
    clock: Date.now,
    log,
    listen: await listenAddress(config),
  })
  ending.add('api', () => api.close())
  return api
}

/** As the config says; without a word loopback, at the usual port when it is free. */
async function listenAddress(config: MusterConfig): Promise<{ host: string; port: number }> {
  const [, host = '127.0.0.1', port = '0'] = /^(.*):(\d+)$/.exec(config.api.listen ?? '') ?? []
  return { host, port: Number(port) || (await wishedOrAny(WISHED_PORTS.api, host)) }
}
