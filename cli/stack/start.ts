import { randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import type { MusterConfig } from '../../domain/config/index.ts'
import { toFleetSpecs } from '../../domain/config/index.ts'
import type { Emulator } from '../../emulator/index.ts'
import type { Store } from '../../store/contract.ts'
import { createEnding, type Ending } from './ending.ts'
import { startCloud } from './cloud.ts'
import { applyFleet, type Installation } from './fleets.ts'
import { ecsOf, enrollmentKeys, openStorePart, startApiPart } from './parts.ts'
import { devSecrets } from './secrets.ts'
import type { StateDir } from './state-dir.ts'
import { startTemporal, type TemporalPart } from './temporal.ts'
import { startWorkers } from './worker.ts'

export interface StackOptions {
  config: MusterConfig
  state: StateDir
  /** Path of the Temporal CLI; not needed when the config names a server. */
  temporalCli?: string
  /** The bundled agent that emulated machines run. */
  agentBundle: string
  log: Logger
  /** Told before the fleets begin: the demo makes its host mute here. */
  beforeFleets?: (parts: { emulator?: Emulator }) => void | Promise<void>
}

/** Everything on one machine, running. */
export interface Stack {
  links: StackLinks
  /** Of an operator, for API and dashboard; new with every start. */
  token: string
  client: Client
  store: Store
  temporal: TemporalPart
  emulator?: Emulator
  /** Rejects when a part fails for good. */
  failed: Promise<never>
  close(): Promise<void>
}

export interface StackLinks {
  dashboard: string
  api: string
  openapi: string
  metrics: string
  temporalUi?: string
  temporal: string
  emulator?: string
}

/** Looks at emulated instances are joined for a shorter time than at real ones: they are there in a second. */
const EMULATOR_GRID_MS = 1_000

/** Brings up Temporal, store, cloud, worker, API and fleets; whatever has been started ends again when one part fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { log } = options
  const ending = createEnding((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    return await bringUp(options, ending)
  } catch (error) {
    await ending.run()
    throw error
  }
}

async function bringUp(options: StackOptions, ending: Ending): Promise<Stack> {
  const { config, state, log } = options
  const secrets = devSecrets(state.file('secrets.json'))
  const token = randomBytes(24).toString('base64url')
  const [temporal, store, cloud] = await allOrNone([
    startTemporal(temporalOptions(options), ending),
    openStorePart(config, state.file('muster.db'), ending),
    startCloud({ config, state, secrets, agentBundle: options.agentBundle, log }, ending),
  ])
  const keys = enrollmentKeys(config, secrets)
  const { failed } = await startWorkers(
    {
      temporal,
      regions: [config.cloud.region],
      deps: {
        ecs: ecsOf(cloud.ecs),
        store,
        clock: Date.now,
        enrollmentKeys: (id) => keys.all[id],
        log,
        ...(cloud.emulator && { cloudGridMs: EMULATOR_GRID_MS }),
      },
      log,
    },
    ending,
  )
  const api = await startApiPart({ config, temporal, store, keys, devToken: token, log }, ending)
  await options.beforeFleets?.({ ...(cloud.emulator && { emulator: cloud.emulator }) })
  const publicUrl = config.api.publicUrl ?? api.url
  const installation: Installation = {
    controller: config.controller,
    namespaceId: temporal.namespaceId,
    api: { url: publicUrl, keyId: keys.current },
    dashboardUrl: publicUrl,
  }
  for (const fleet of toFleetSpecs(config))
    await applyFleet(temporal.client, store, installation, fleet, 'muster dev')
  return {
    links: links(api.url, token, temporal, cloud.emulator),
    token,
    client: temporal.client,
    store,
    temporal,
    ...(cloud.emulator && { emulator: cloud.emulator }),
    failed,
    close: () => ending.run(),
  }
}

/** Waits for all before one failure is thrown: what the others have started must be known to be ended. */
async function allOrNone<T extends readonly unknown[]>(parts: {
  [K in keyof T]: Promise<T[K]>
}): Promise<T> {
  const results = await Promise.allSettled(parts)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as T
}

function temporalOptions({ config, state, temporalCli, log }: StackOptions) {
  return {
    namespace: config.temporal.namespace,
    ...(config.temporal.address && { address: config.temporal.address }),
    ...(temporalCli && { cli: temporalCli }),
    dbFile: state.file('temporal.db'),
    log: (line: string) => log.warn({ part: 'temporal' }, line),
  }
}

function links(apiUrl: string, token: string, temporal: TemporalPart, emulator?: Emulator): StackLinks {
  return {
    dashboard: `${apiUrl}/?token=${token}`,
    api: apiUrl,
    openapi: `${apiUrl}/openapi.json`,
    metrics: `${apiUrl}/metrics`,
    ...(temporal.uiUrl && { temporalUi: `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows` }),
    temporal: temporal.address,
    ...(emulator && { emulator: emulator.adminUrl }),
  }
}
