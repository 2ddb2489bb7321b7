import { randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import type { MusterConfig } from '../../domain/config/index.ts'
import { toFleetSpecs } from '../../domain/config/index.ts'
import type { Emulator } from '../../emulator/index.ts'
import type { Store } from '../../store/contract.ts'
import { applySchedulesAtStart } from '../apply/schedules-at-start.ts'
import { reportDroppedKeys } from './dropped-keys.ts'
import { createCleanup, type Cleanup } from './cleanup.ts'
import { startCloud, type CloudPart } from './cloud.ts'
import { applyFleets, installationOf, type FleetChange } from './fleets.ts'
import { ecsOf, enrollmentKeys, openStorePart, startApiPart, type EnrollmentKeys } from './parts.ts'
import { portOf, type Notice } from './ports.ts'
import { plainTextDoubt } from './plain-text-doubt.ts'
import { portsFile } from './ports-file.ts'
import { servedRegions } from './regions.ts'
import { devSecrets } from './secrets.ts'
import type { StateDir } from './state-dir.ts'
import { statuspagePart } from './statuspage.ts'
import { accessAt } from './temporal-of.ts'
import { startTemporal, type TemporalPart } from './temporal.ts'
import { startWorkers, workerDeps } from './worker.ts'

export interface StackOptions {
  config: MusterConfig
  /** Its file, for people. */
  configFile: string
  /** A person has agreed to whatever the config takes from running fleets. */
  yes?: boolean
  state: StateDir
  /** Path of the Temporal CLI; not needed when the config names a server. */
  temporalCli?: string
  /** The bundled agent that emulated machines run. */
  agentBundle: string
  log: Logger
  /** Told before the fleets begin: the demo makes its host mute here. */
  beforeFleets?: (parts: { emulator?: Emulator }) => void | Promise<void>
  /** Aborted when the person who started it has changed their mind: what runs by then ends again. */
  signal?: AbortSignal
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
  /** What is otherwise than usual, for people: ports that were taken. */
  notices: string[]
  fleets: FleetChange[]
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
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    return await bringUp(options, cleanup)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function bringUp(options: StackOptions, cleanup: Cleanup): Promise<Stack> {
  const { config, state, log, signal } = options
  const notices: string[] = []
  const notice = (text: string) => void notices.push(text)
  const doubt = plainTextDoubt(config, config.temporal.address)
  if (doubt !== undefined) notice(doubt)
  const token = randomBytes(24).toString('base64url')
  const grounds = await startGrounds(options, notice, cleanup)
  const { temporal, store, cloud, keys } = grounds
  await reportDroppedKeys(store, Object.keys(keys.all), (key, text) => {
    log.error(key, text)
    notice(text)
  })
  signal?.throwIfAborted()
  const { failed } = await startDevWorkers(options, grounds, cleanup)
  signal?.throwIfAborted()
  const ports = portsFile(state.file('ports.json'))
  const api = await startApiPart(
    { config, temporal, store, keys, devToken: token, ...ports.read(), notice, log },
    cleanup,
  )
  ports.write({ formerPort: portOf(api.url) })
  await options.beforeFleets?.({ ...(cloud.emulator && { emulator: cloud.emulator }) })
  signal?.throwIfAborted()
  const installation = installationOf(config, temporal, api.url, keys.current)
  const asker = { by: 'muster dev', why: 'as the config says' }
  const reach = { client: temporal.client, store }
  const keepDoubtful = options.yes !== true
  const fleets = await applyFleets(reach, installation, toFleetSpecs(config), asker, { keepDoubtful })
  for (const change of fleets) if (change.outcome === 'kept') notice(keptNotice(change, options.configFile))
  await applySchedulesAtStart(config, temporal, store, notice)
  return {
    links: links(api.url, token, temporal, cloud),
    token,
    client: temporal.client,
    store,
    temporal,
    ...(cloud.emulator && { emulator: cloud.emulator }),
    notices,
    fleets,
    failed: eitherFails(failed, temporal.failed),
    close: () => cleanup.run(),
  }
}

/** Nobody can be asked while a stack starts. */
const keptNotice = ({ fleet, doubts, toldApi }: FleetChange, file: string): string =>
  `fleet ${fleet} goes on as it was, the config was not applied to it${toldApi ? ' (but its next launches know where the API is now)' : ''}, because nobody has agreed to this: ${doubts.join('; ')}; \`muster apply --config ${file}\` asks and does it, and so does a start with --yes`

function eitherFails(workers: Promise<never>, temporal: Promise<never> | undefined): Promise<never> {
  const failed = temporal ? Promise.race([workers, temporal]) : workers
  // Whoever runs the stack listens later.
  failed.catch(() => undefined)
  return failed
}

interface Grounds {
  temporal: TemporalPart
  store: Store
  cloud: CloudPart
  keys: EnrollmentKeys
}

async function startGrounds(options: StackOptions, notice: Notice, cleanup: Cleanup): Promise<Grounds> {
  const { config, state, agentBundle, log } = options
  const secrets = devSecrets(state.file('secrets.json'))
  const keys = enrollmentKeys(config, secrets)
  const [temporal, store, cloud] = await allOrNone([
    startTemporal({ ...temporalOptions(options), notice }, cleanup),
    openStorePart(config, state.file('muster.db'), cleanup),
    startCloud({ config, state, secrets, agentBundle, notice, log }, cleanup),
  ])
  return { temporal, store, cloud, keys }
}

async function startDevWorkers(
  { config, log }: StackOptions,
  { temporal, store, cloud, keys }: Grounds,
  cleanup: Cleanup,
) {
  const statuspage = statuspagePart(config, cloud.emulator?.endpoint)
  const deps = {
    ...workerDeps(config, { ecs: ecsOf(cloud.ecs), store, keys, statuspage, log }),
    ...(config.cloud.kind === 'emulator' && { cloudGridMs: EMULATOR_GRID_MS }),
  }
  const regions = await servedRegions(config, store)
  return await startWorkers({ temporal, regions, deps, log }, cleanup)
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
    ...(config.temporal.address && accessAt(config.temporal.address, config)),
    ...(temporalCli && { cli: temporalCli }),
    dbFile: state.file('temporal.db'),
    log: (line: string) => log.warn({ part: 'temporal' }, line),
  }
}

function links(apiUrl: string, token: string, temporal: TemporalPart, { emulator }: CloudPart): StackLinks {
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
