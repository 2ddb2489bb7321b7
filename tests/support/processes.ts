import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, type Connection, type WorkflowHandle } from '@temporalio/client'
import { createCleanup, type Cleanup } from '../../cli/stack/cleanup.ts'
import { namespaceId } from '../../cli/stack/namespace.ts'
import { hostWorkflowId, type HostId } from '../../domain/ids.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import type { Emulator } from '../../emulator/index.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { connectOnce } from '../../scripts/temporal/connect.ts'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { openStore } from '../../store/index.ts'
import type { Store } from '../../store/contract.ts'
import { createRestartableCloud, type CloudOptions } from './restartable-cloud.ts'
import { createPart, startNode, type Part } from './part.ts'
import { restartPort } from './restart-port.ts'
import type { WorkerMainOptions } from './worker-main-options.ts'

export const CONTROLLER = 'chaos'
export const REGION = 'cn-hangzhou'
export const KEY = { id: 'k1', secret: 'enrollment-key-of-the-chaos-tests' }
const KEY_VARIABLE = 'MUSTER_CHAOS_ENROLLMENT_KEY'
const root = join(import.meta.dirname, '../..')
const workerMain = fileURLToPath(new URL('./worker-main.ts', import.meta.url))

export interface ProcessesOptions extends CloudOptions {
  /** With it workers look at instances on this grid instead of each 5 s, and may be given single task queues. */
  cloudGridMs?: number
  /** How many API processes there are to start, each on a port of its own; default 1. */
  apis?: number
  /** Sections of the config that are otherwise. */
  config?: Record<string, unknown>
}

/**
 * An installation as it runs for real: Temporal, API and worker each a process of its own that can be killed, on files
 * and ports that stay; the emulated cloud lives in the test, which so sees and spoils all of it.
 */
export interface Processes {
  folder: string
  temporal: Part
  apis: (Part & { url: string })[]
  /** One more worker process; each call is another one. */
  worker(queues?: string[]): Part
  cloud: Part & { readonly emulator: Emulator }
  /** Of the Temporal server that runs now: reconnected by each start. */
  readonly client: Client
  readonly namespaceId: string
  /** The same file that workers and APIs write. */
  store: Store
  storeFile: string
  handle(host: HostId): WorkflowHandle
  close(): Promise<void>
}

/** Everything but workers is running when this is done. */
export async function createProcesses(options: ProcessesOptions = {}): Promise<Processes> {
  const problems: unknown[] = []
  const cleanup = createCleanup((name, error) =>
    problems.push(new Error(`${name} did not end`, { cause: error })),
  )
  const close = async () => {
    await cleanup.run()
    if (problems.length > 0) throw new AggregateError(problems, 'not everything has ended')
  }
  try {
    return await bringUp(options, cleanup, close)
  } catch (error) {
    await cleanup.run()
    throw error
  }
}

async function bringUp(
  options: ProcessesOptions,
  cleanup: Cleanup,
  close: () => Promise<void>,
): Promise<Processes> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-chaos-'))
  cleanup.add('folder', () => rmSync(folder, { recursive: true, force: true }))
  const storeFile = join(folder, 'muster.db')
  const store = await openStore({ file: storeFile })
  cleanup.add('store', () => store.close())
  const cloud = await createRestartableCloud(folder, options, cleanup)
  const temporal = await createTemporal(folder, cleanup)
  await Promise.all([cloud.start(), temporal.part.start()])
  const place: Place = {
    folder,
    storeFile,
    temporal: temporal.address,
    cloud,
    cleanup,
    config: options.config,
  }
  const apis = await Promise.all(Array.from({ length: options.apis ?? 1 }, (_, n) => createApi(place, n + 1)))
  await Promise.all(apis.map((api) => api.start()))
  let workers = 0
  return {
    folder,
    temporal: temporal.part,
    apis,
    worker: (queues) => createWorker(place, (workers += 1), options.cloudGridMs, queues),
    cloud,
    get client() {
      return temporal.client()
    },
    namespaceId: await namespaceId(temporal.client().connection as Connection, 'default'),
    store,
    storeFile,
    handle: (host) => temporal.client().workflow.getHandle(hostWorkflowId(host)),
    close,
  }
}

async function createTemporal(folder: string, cleanup: Cleanup) {
  const port = await restartPort()
  const cli = await findTemporalCli()
  const address = `127.0.0.1:${port}`
  // Closed at the end only: a call that the SDK tries again on a closed connection throws where nobody can catch it.
  const clients: Client[] = []
  const part = createPart(
    'temporal',
    async () => {
      const server = await startTemporalDevServer({
        cli,
        port,
        headless: true,
        dbFile: join(folder, 'temporal.db'),
        searchAttributes: SEARCH_ATTRIBUTES,
      })
      clients.push(new Client({ connection: await connectOnce(address, 10_000) }))
      return server
    },
    cleanup,
  )
  cleanup.add('connections', () => Promise.all(clients.map((client) => client.connection.close())))
  return {
    address,
    part,
    client() {
      const client = clients.at(-1)
      if (!client) throw new Error('Temporal has not been started yet')
      return client
    },
  }
}

interface Place {
  folder: string
  storeFile: string
  temporal: string
  cloud: { endpoint: string; credentials: Record<string, string> }
  cleanup: Cleanup
  config: Record<string, unknown> | undefined
}

/** JSON is YAML too. */
function writeConfig(
  { folder, storeFile, temporal, cloud, config: more }: Place,
  name: string,
  listen?: string,
): string {
  const file = join(folder, `${name}.yaml`)
  const config = {
    controller: CONTROLLER,
    temporal: { address: temporal },
    cloud: { kind: 'emulator', region: REGION, endpoint: cloud.endpoint, protocol: 'http' },
    store: { sqlite: storeFile },
    api: { ...(listen && { listen }), keys: [{ id: KEY.id, secretEnv: KEY_VARIABLE }] },
    ...more,
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** The command as operators run it. */
const muster = (command: string, config: string) => [join(root, 'cli/main.ts'), command, '--config', config]

const secrets = ({ cloud }: Place) => ({ [KEY_VARIABLE]: KEY.secret, ...cloud.credentials })

async function createApi(place: Place, number: number): Promise<Part & { url: string }> {
  const listen = `127.0.0.1:${await restartPort()}`
  const url = `http://${listen}`
  const name = `api-${number}`
  const args = muster('api', writeConfig(place, name, listen))
  const isReady = async () => (await fetch(`${url}/healthz`)).ok
  const start = () => startNode({ name, args, env: secrets(place), isReady })
  return Object.assign(createPart(name, start, place.cleanup), { url })
}

function createWorker(place: Place, number: number, cloudGridMs?: number, queues?: string[]): Part {
  const name = `worker-${number}`
  const args =
    cloudGridMs === undefined
      ? muster('worker', writeConfig(place, name))
      : [workerMain, workerOptions(place, cloudGridMs, queues)]
  const isReady = (lines: readonly string[]) => lines.some((line) => line.includes('the worker works'))
  return createPart(name, () => startNode({ name, args, env: secrets(place), isReady }), place.cleanup)
}

function workerOptions(place: Place, cloudGridMs: number, queues?: string[]): string {
  const { temporal, storeFile, cloud } = place
  const options: WorkerMainOptions = {
    temporal,
    store: storeFile,
    cloud: cloud.endpoint,
    region: REGION,
    key: KEY,
    cloudGridMs,
    ...(queues && { queues }),
  }
  return JSON.stringify(options)
}
