import { Client, Connection } from '@temporalio/client'
import { MusterError } from '../../domain/errors.ts'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import type { Ending } from './ending.ts'
import { namespaceId } from './namespace.ts'
import { WISHED_PORTS, wishedOrAny } from './ports.ts'

/** A Temporal that can be used: ours, or one that runs already. */
export interface TemporalPart {
  address: string
  namespace: string
  namespaceId: string
  connection: Connection
  client: Client
  uiUrl?: string
}

export interface TemporalOptions {
  /** A server that runs already; absent: a dev server is started. */
  address?: string
  namespace: string
  /** Path of the Temporal CLI, for the dev server. */
  cli?: string
  /** SQLite file of the dev server; absent: in memory. */
  dbFile?: string
  uiUrl?: string
  log: (line: string) => void
}

/**
 * gRPC waits up to two minutes before it looks again for a server that was away: agents would not be heard for as long
 * after the server is back, and a boot deadline may pass meanwhile.
 */
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 2_000 }

export async function startTemporal(options: TemporalOptions, ending: Ending): Promise<TemporalPart> {
  const server = options.address === undefined ? await devServer(options, ending) : undefined
  const address = server?.address ?? options.address ?? ''
  const uiUrl = server?.uiUrl ?? options.uiUrl
  const connection = await Connection.connect({
    address,
    connectTimeout: '10 seconds',
    channelArgs: RECONNECT,
  })
  ending.add('Temporal connection', () => connection.close())
  const client = new Client({ connection, namespace: options.namespace })
  const id = await namespaceId(connection, options.namespace)
  return {
    address,
    namespace: options.namespace,
    namespaceId: id,
    connection,
    client,
    ...(uiUrl && { uiUrl }),
  }
}

async function devServer(options: TemporalOptions, ending: Ending) {
  if (!options.cli) {
    throw new MusterError(
      'bad_config',
      'no Temporal CLI: start with `npm start`, or set MUSTER_TEMPORAL_CLI to its path',
    )
  }
  const port = await wishedOrAny(WISHED_PORTS.temporal)
  const uiPort = await wishedOrAny(WISHED_PORTS.temporalUi)
  const server = await startTemporalDevServer({
    cli: options.cli,
    ...(port && { port }),
    ...(uiPort && { uiPort }),
    ...(options.dbFile && { dbFile: options.dbFile }),
    ...(options.namespace !== 'default' && { namespace: options.namespace }),
    searchAttributes: SEARCH_ATTRIBUTES,
    log: options.log,
  })
  ending.add('Temporal dev server', () => server.stop())
  return server
}
