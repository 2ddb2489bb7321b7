import { Client, Connection } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { startTemporalDevServer, type DevServer } from '../../scripts/temporal/dev-server.ts'
import { callerProblem } from '../../worker/caller-problem.ts'
import { untilConnected } from '../../worker/until-connected.ts'
import type { Cleanup } from './cleanup.ts'
import { missingAttributes, namespaceId } from './namespace.ts'
import { isFree, portOf, WISHED_PORTS, portNear, type Notice } from './ports.ts'
import { setupWords } from './setup-words.ts'
import { endpointOf, type TemporalAccess } from './temporal-access.ts'

/** A Temporal that can be used: ours, or one that runs already. */
export interface TemporalPart extends TemporalAccess {
  namespace: string
  namespaceId: string
  connection: Connection
  client: Client
  uiUrl?: string
  /** Rejects when the server that was started here has ended on its own. */
  failed?: Promise<never>
}

export interface TemporalOptions extends Omit<TemporalAccess, 'address'> {
  /** A server that runs already; absent: a dev server is started, which listens in plain text on loopback. */
  address?: string
  namespace: string
  /** Path of the Temporal CLI, for the dev server. */
  cli?: string
  /** SQLite file of the dev server; absent: in memory. */
  dbFile?: string
  uiUrl?: string
  /** How long a server that runs already may take to answer; default 10 s. */
  patienceMs?: number
  notice?: Notice
  log: (line: string) => void
}

const PATIENCE_MS = 10_000

/**
 * gRPC waits up to two minutes before it looks again for a server that was away: agents would not be heard for as long
 * after the server is back, and a boot deadline may pass meanwhile.
 */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 2_000 }

/**
 * @throws MusterError `unavailable` when no server answers, `unprocessable` when namespace or search attributes are not
 *   set up on one that runs already
 */
export async function startTemporal(options: TemporalOptions, cleanup: Cleanup): Promise<TemporalPart> {
  const server = options.address === undefined ? await devServer(options, cleanup) : undefined
  const access = server ? { address: server.address } : accessOf(options)
  const uiUrl = server?.uiUrl ?? options.uiUrl
  const connection = await connectClient(access, options.patienceMs)
  cleanup.add('Temporal connection', () => connection.close())
  const client = new Client({ connection, namespace: options.namespace })
  const id = await asCaller(access, async () => {
    if (server === undefined) await mustBeSetUp(client, access, options.namespace)
    return await namespaceId(connection, options.namespace)
  })
  return {
    ...access,
    namespace: options.namespace,
    namespaceId: id,
    connection,
    client,
    ...(uiUrl && { uiUrl }),
    ...(server && { failed: failureOf(server) }),
  }
}

/** A server may let in whom it refuses afterwards: some judge each call. */
export async function asCaller<T>(
  { address, tls, apiKeyEnv }: TemporalAccess,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    const proof = { hasKey: apiKeyEnv !== undefined, hasCertificate: tls?.certFile !== undefined }
    const problem = callerProblem(proof, cause)
    if (problem === undefined) throw cause
    throw new MusterError('unprocessable', `Temporal at ${address} ${problem}`, { cause })
  }
}

const accessOf = ({ address = '', tls, apiKeyEnv }: TemporalOptions): TemporalAccess => ({
  address,
  ...(tls && { tls }),
  ...(apiKeyEnv !== undefined && { apiKeyEnv }),
})

/** Workers and API would wait for it as for any server that is away, and nobody would bring this one back. */
function failureOf({ crashed }: DevServer): Promise<never> {
  const failed = crashed.then((how) => {
    throw new MusterError('unavailable', `the Temporal dev server has ended by itself: ${how}`)
  })
  failed.catch(() => undefined)
  return failed
}

/**
 * Connects, trying until the server is there.
 * @throws MusterError `bad_config` for files and variables that are not as the access says, else as
 *   {@link untilConnected}
 */
export async function connectClient(access: TemporalAccess, patienceMs = PATIENCE_MS): Promise<Connection> {
  const endpoint = await endpointOf(access)
  return await untilConnected(endpoint, patienceMs, async (leftMs) => {
    const connection = Connection.lazy({
      ...endpoint,
      connectTimeout: Math.min(PATIENCE_MS, leftMs),
      channelArgs: RECONNECT,
    })
    try {
      await connection.ensureConnected()
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  })
}

/** Without its search attributes workflows would fail one by one, later, and without a word here. */
async function mustBeSetUp(client: Client, access: TemporalAccess, namespace: string): Promise<void> {
  const missing = await missingAttributes(client, namespace)
  if (missing !== undefined && missing.length === 0) return
  const what =
    missing === undefined
      ? `has no namespace "${namespace}"`
      : `lacks search attributes in namespace "${namespace}": ${missing.join(', ')}`
  throw new MusterError(
    'unprocessable',
    `Temporal at ${access.address} ${what}; run: ${setupWords(access, namespace)}`,
  )
}

async function devServer(options: TemporalOptions, cleanup: Cleanup): Promise<DevServer> {
  const { cli, notice = () => {} } = options
  if (!cli) {
    throw new MusterError(
      'bad_config',
      'no Temporal CLI: start with `npm start`, or set MUSTER_TEMPORAL_CLI to its path',
    )
  }
  const server = await devServerOnFreePorts(cli, options)
  cleanup.add('Temporal dev server', () => server.stop())
  for (const [what, address, port] of [
    ['Temporal', server.address, WISHED_PORTS.temporal],
    ['the Temporal UI', server.uiUrl, WISHED_PORTS.temporalUi],
  ] as const) {
    if (portOf(address) !== port)
      notice(`port ${port} is taken by another program: ${what} is at port ${portOf(address)}`)
  }
  return server
}

async function devServerOnFreePorts(cli: string, options: TemporalOptions): Promise<DevServer> {
  const port = await portNear(WISHED_PORTS.temporal)
  const uiPort = await portNear(WISHED_PORTS.temporalUi)
  const start = (ports: { port?: number; uiPort?: number }) =>
    startTemporalDevServer({
      cli,
      ...ports,
      ...(options.dbFile && { dbFile: options.dbFile }),
      ...(options.namespace !== 'default' && { namespace: options.namespace }),
      searchAttributes: SEARCH_ATTRIBUTES,
      log: options.log,
    })
  try {
    return await start({ ...(port && { port }), ...(uiPort && { uiPort }) })
  } catch (error) {
    // Somebody took one of them between the look and the start.
    const taken = (port && !(await isFree(port))) || (uiPort && !(await isFree(uiPort)))
    if (!taken) throw error
    return await start({})
  }
}
