import { startChildServer } from './child-server.ts'
import type { ChildServer } from './child-server.ts'
import { connectOnce } from './connect.ts'
import { freePorts } from './free-port.ts'

/** One look at a server that is starting; a connection that hangs must not use up the whole wait. */
const PROBE_MS = 1_000
/** Free ports are only likely to be free. */
const PORT_TRIES = 3

/** What Muster needs of the dev server beyond its defaults (temporal.io CLI 1.9.1, server 1.32.0). */
const DYNAMIC_CONFIG = {
  // Lets the demo skip the twenty minutes of one workflow.
  'frontend.WorkflowTimeSkippingEnabled': true,
  'frontend.enableUpdateWorkflowExecution': true,
  'frontend.enableUpdateWorkflowExecutionAsyncAccepted': true,
  // Asks a host on the internet, which a closed network answers by a time-out.
  'frontend.enableServerVersionCheck': false,
  // By default no timer fires earlier than a second after it was set, for the clocks of many machines to differ: here is
  // one, and schedules of every second are on time.
  'history.timerProcessorMaxTimeShift': '"20ms"',
}

export interface DevServerOptions {
  /** Path of the Temporal CLI. */
  cli: string
  /** gRPC port; a free one by default. */
  port?: number
  /** Port of Temporal's UI; a free one by default. */
  uiPort?: number
  /** Runs without the UI: it saves about a tenth of a second and some memory. Default false. */
  headless?: boolean
  /** SQLite file that keeps everything over restarts; in memory by default. */
  dbFile?: string
  /** Made in addition to `default`. */
  namespace?: string
  /** Name → type (`Keyword`, `Int`, `Datetime`, …), registered in every namespace. */
  searchAttributes: Record<string, string>
  /** Gets each line the server says; at level error it says almost nothing. */
  log?: (line: string) => void
  extraArgs?: string[]
  /** Default 30 s. */
  readyTimeoutMs?: number
}

export interface DevServer extends ChildServer {
  /** `127.0.0.1:<port>` */
  address: string
  /** Empty when headless. */
  uiUrl: string
}

/**
 * Starts `temporal server start-dev` on loopback and waits until it can be used: gRPC answers, the namespace is
 * there, and so are the search attributes. The SDK's own start gives up after 5 s, too early on a busy machine.
 * @throws MusterError `unavailable` | `timed_out` with the server's last words; nothing is left running
 */
export async function startTemporalDevServer(options: DevServerOptions): Promise<DevServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      // Somebody was quicker than we with a port; its own choice of ports ends in a panic, exit code 2.
      const portTaken =
        error instanceof Error && /address already in use|can't set port|exit code 2\b/i.test(error.message)
      if (!portTaken || options.port !== undefined || tries === PORT_TRIES) throw error
    }
  }
}

async function startOnce(options: DevServerOptions): Promise<DevServer> {
  const [freePort = 0, freeUiPort = 0] = await freePorts(2)
  const port = options.port ?? freePort
  const uiPort = options.headless === true ? undefined : (options.uiPort ?? freeUiPort)
  const address = `127.0.0.1:${port}`
  const server = await startChildServer({
    name: 'the Temporal dev server',
    program: options.cli,
    args: argsOf(options, port, uiPort),
    log: options.log,
    readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
    probe: (leftMs) => probe(address, options, Math.min(PROBE_MS, leftMs)),
  })
  return { ...server, address, uiUrl: uiPort === undefined ? '' : `http://127.0.0.1:${uiPort}` }
}

function argsOf(options: DevServerOptions, port: number, uiPort: number | undefined): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)]
  args.push('--log-level', 'error', '--ui-disable-news-fetch')
  args.push(
    ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
  )
  if (options.dbFile !== undefined) args.push('--db-filename', options.dbFile)
  if (options.namespace !== undefined) args.push('--namespace', options.namespace)
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG)) {
    args.push('--dynamic-config-value', `${name}=${value}`)
  }
  for (const [name, type] of Object.entries(options.searchAttributes)) {
    args.push('--search-attribute', `${name}=${type}`)
  }
  return [...args, ...(options.extraArgs ?? [])]
}

async function probe(
  address: string,
  { namespace = 'default', searchAttributes }: DevServerOptions,
  withinMs: number,
): Promise<void> {
  const connection = await connectOnce(address, withinMs)
  try {
    await connection.withDeadline(Date.now() + withinMs, async () => {
      await connection.workflowService.describeNamespace({ namespace })
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
      const missing = Object.keys(searchAttributes).filter((name) => customAttributes?.[name] === undefined)
      if (missing.length > 0) throw new Error(`search attributes not registered yet: ${missing.join(', ')}`)
    })
  } finally {
    await connection.close()
  }
}
