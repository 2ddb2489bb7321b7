import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { collectDefaultMetrics } from 'prom-client'
import { MusterError } from '../domain/errors.ts'
import type { ApiDeps } from './deps.ts'
import { createApp } from './index.ts'

export interface ServerOptions extends ApiDeps {
  /** Loopback unless told otherwise; port 0 takes a free one. */
  listen: { host: string; port: number }
  /** From the wish to end until connections that are still busy are cut. Default 10 s. */
  closeTimeoutMs?: number
}

export interface RunningApi {
  /** As people on this machine reach it, without a trailing slash. */
  url: string
  /** Not ready → no new connections → idle ones closed → the rest after `closeTimeoutMs`. Safe to call twice. */
  close(): Promise<void>
}

/** From the first byte of a request to its last: bodies are small, so who takes longer holds a socket for nothing. */
const REQUEST_TIMEOUT_MS = 15_000
/** Idle connections are kept for several beats: a beat on a connection that was just closed would be reset. */
const KEEP_ALIVE_BEATS = 4
const MIN_KEEP_ALIVE_MS = 75_000
const CLOSE_TIMEOUT_MS = 10_000

/**
 * The API as a listening process.
 *
 * @throws MusterError `bad_config` when the address cannot be listened on
 */
export async function startApi(options: ServerOptions): Promise<RunningApi> {
  const { listen, closeTimeoutMs = CLOSE_TIMEOUT_MS, log, id } = options
  const api = createApp(options)
  const server = createAdaptorServer({
    fetch: api.app.fetch,
    serverOptions: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: Math.max(MIN_KEEP_ALIVE_MS, options.heartbeatSeconds * 1000 * KEEP_ALIVE_BEATS),
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 16 * 1024,
    },
  }) as Server
  await listenOn(server, listen)
  collectDefaultMetrics({ register: api.metrics.registry })
  api.background.start()
  const url = urlOf(server, listen.host)
  log.info({ api: id, url }, 'the API listens')

  async function closeAll(): Promise<void> {
    api.beginClosing()
    await closeServer(server, closeTimeoutMs)
    await api.background.stop()
    log.info({ api: id }, 'the API has ended')
  }

  let closed: Promise<void> | undefined
  return { url, close: () => (closed ??= closeAll()) }
}

async function listenOn(server: Server, { host, port }: ServerOptions['listen']): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MusterError(
      'bad_config',
      `the API cannot listen on ${host}:${port}: ${reason}; set api.listen`,
      {
        cause: error,
      },
    )
  }
}

/** Requests under way are answered; a busy connection that outlasts the timeout is cut. */
async function closeServer(server: Server, timeoutMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await ended
  clearTimeout(timer)
}

/** An address of all interfaces is no address to open: loopback stands for it. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  if (host === '0.0.0.0' || host === '') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
