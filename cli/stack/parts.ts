import type { Logger } from 'pino'
import { createEcsApi, type EcsApi, type EcsConfig } from '../../activities/index.ts'
import { startApi, type RunningApi } from '../../api/server.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { Store } from '../../store/contract.ts'
import { openStore, type StoreOptions } from '../../store/index.ts'
import { newApiId } from './api-id.ts'
import type { Cleanup } from './cleanup.ts'
import { isFree, portOf, startAtWished, WISHED_PORTS, type Notice } from './ports.ts'
import type { DevSecrets } from './secrets.ts'
import type { TemporalPart } from './temporal.ts'

/** The store the config names; without a name the given file. */
export async function openStorePart(config: MusterConfig, file: string, cleanup: Cleanup): Promise<Store> {
  const store = await openStore(storeOptions(config, file))
  cleanup.add('store', () => store.close())
  return store
}

/** @throws MusterError `bad_config` naming the variable that is not set */
export function storeOptions(config: MusterConfig, file: string): StoreOptions {
  const variable = config.store.postgresUrlEnv
  const url = variable === undefined ? undefined : process.env[variable]
  if (variable !== undefined && !url) {
    throw new MusterError(
      'bad_config',
      `store.postgresUrlEnv names ${variable}, but that variable is not set`,
    )
  }
  return url ? { url } : { file: config.store.sqlite ?? file }
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

/** 32 characters of base64 are 192 bits; whoever holds a token may try secrets against it for as long as they like. */
export const MIN_SECRET_LENGTH = 32

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
    if (secret.length < MIN_SECRET_LENGTH)
      throw new MusterError(
        'bad_config',
        `api.keys: the secret of key ${id} in ${secretEnv} is shorter than ${MIN_SECRET_LENGTH} characters: a host could guess it from its own token; make one with \`openssl rand -base64 32\``,
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
  /** Where hosts of an earlier run look for the API; it must listen there again. */
  formerPort?: number
  notice?: Notice
  log: Logger
}

/** @throws MusterError `conflict` when the port that running hosts know is taken, `bad_config` for `api.listen` */
export async function startApiPart(options: ApiPartOptions, cleanup: Cleanup): Promise<RunningApi> {
  const start = (host: string, port: number) => startApi({ ...apiOptions(options), listen: { host, port } })
  const api = await listenAsWished(options, start)
  cleanup.add('api', () => api.close())
  return api
}

function apiOptions({ config, temporal, store, keys, log, devToken }: ApiPartOptions) {
  return {
    id: newApiId(),
    controller: config.controller,
    temporal: temporal.client,
    namespace: temporal.namespace,
    store,
    enrollmentKeys: keys.all,
    identity: { privateIp: config.identity.privateIp },
    trustedProxies: config.api.trustedProxies,
    ...(temporal.uiUrl && { temporalUiUrl: temporal.uiUrl }),
    ...(config.api.publicUrl && { publicUrl: config.api.publicUrl }),
    heartbeatSeconds: 15,
    operatorAuth: devToken === undefined ? {} : { devToken },
    clock: Date.now,
    log,
  }
}

/** As the config says; without a word on loopback, at the port of the last run or the usual one. */
async function listenAsWished(
  { config, formerPort, notice = () => {} }: ApiPartOptions,
  start: (host: string, port: number) => Promise<RunningApi>,
): Promise<RunningApi> {
  const [, host, port] = /^(.*):(\d+)$/.exec(config.api.listen ?? '') ?? []
  if (host !== undefined) return await start(host.replace(/^\[(.*)\]$/, '$1'), Number(port))
  if (formerPort !== undefined) {
    if (await isFree(formerPort)) return await start('127.0.0.1', formerPort)
    throw new MusterError(
      'conflict',
      `port ${formerPort} is taken by another program, but the kept hosts look for the API there: free it, or begin anew with --fresh`,
    )
  }
  return await startAtWished({ what: 'the API', port: WISHED_PORTS.api, notice }, async (free) => {
    const part = await start('127.0.0.1', free)
    return { part, port: portOf(part.url) }
  })
}
