import * as http from 'node:http'
import { MusterError } from '../domain/errors.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT'
  /** `http:` or `https:`; the scheme decides. */
  url: string
  headers?: Record<string, string>
  body?: string
  /** From now to the last byte of the answer. */
  timeoutMs: number
}

export interface HttpAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

export interface HttpClient {
  /** @throws MusterError `timed_out`, or `unavailable` when no whole answer came */
  request(request: HttpRequest): Promise<HttpAnswer>
  close(): void
}

/** An answer larger than this is not the API's: 64 MiB, room for a workload file. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/**
 * HTTP on `node:http` with kept connections. No `fetch`: undici costs a third of the agent's start and 16 MiB.
 *
 * @param options.localAddress source address of every connection
 */
export function createHttpClient(options: { localAddress?: string } = {}): HttpClient {
  const agents: http.Agent[] = []
  const kept = { keepAlive: true, maxSockets: 8, scheduling: 'lifo' } as const
  const plain = { request: http.request, agent: keep(new http.Agent(kept)) }
  let secure: Promise<Transport> | undefined

  function keep(agent: http.Agent): http.Agent {
    agents.push(agent)
    return agent
  }

  /** TLS is loaded by the first https URL: it costs 10 ms that plain hosts need not pay. */
  async function loadSecure(): Promise<Transport> {
    const https = await import('node:https')
    return { request: https.request, agent: keep(new https.Agent(kept)) }
  }

  async function request(wanted: HttpRequest): Promise<HttpAnswer> {
    const url = parseUrl(wanted.url)
    const transport = url.protocol === 'https:' ? await (secure ??= loadSecure()) : plain
    const first = await exchange(wanted, url, transport, options.localAddress)
    if (first !== 'stale') return first
    // The server closed an idle connection while this request was on its way: nothing was wrong, ask again at once.
    const second = await exchange(wanted, url, transport, options.localAddress, true)
    if (second !== 'stale') return second
    throw new MusterError('unavailable', `${wanted.method} ${wanted.url}: the connection was reset twice`)
  }

  return {
    request,
    close: () => agents.forEach((agent) => agent.destroy()),
  }
}

interface Transport {
  request: typeof http.request
  agent: http.Agent
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new MusterError('bad_config', `"${text}" is not an http or https URL`)
}

/** One request on one connection; `stale` when a kept connection turned out to be dead before any answer. */
function exchange(
  wanted: HttpRequest,
  url: URL,
  transport: Transport,
  localAddress: string | undefined,
  fresh = false,
): Promise<HttpAnswer | 'stale'> {
  const what = `${wanted.method} ${url.origin}${url.pathname}`
  return new Promise((resolve, reject) => {
    const length = wanted.body === undefined ? {} : { 'content-length': Buffer.byteLength(wanted.body) }
    const request = transport.request(url, {
      method: wanted.method,
      headers: { ...wanted.headers, ...length },
      agent: fresh ? false : transport.agent,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    let late: MusterError | undefined
    const timer = setTimeout(() => {
      late = new MusterError('timed_out', `${what}: no answer within ${wanted.timeoutMs} ms`)
      request.destroy(late)
    }, wanted.timeoutMs)
    const fail = (error: unknown): void => {
      clearTimeout(timer)
      request.destroy()
      if (request.reusedSocket && isReset(error)) resolve('stale')
      else reject(late ?? asMusterError(what, error))
    }
    // Stays attached: a destroyed request may report more than one error.
    request.on('error', fail)
    request.once('response', (response) => {
      const { statusCode = 0, headers } = response
      readAll(response, what).then((body) => {
        clearTimeout(timer)
        resolve({ status: statusCode, headers, body })
      }, fail)
    })
    request.end(wanted.body)
  })
}

function isReset(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** By events: the first use of a stream's async iterator costs 3 ms, which `started` would wait for. */
function readAll(response: http.IncomingMessage, what: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > MAX_ANSWER_BYTES) {
        reject(new MusterError('too_large', `${what}: the answer is larger than ${MAX_ANSWER_BYTES} bytes`))
      }
    })
    response.once('end', () => resolve(Buffer.concat(chunks, bytes)))
    response.once('error', reject)
    // A cut answer ends without `end`.
    response.once('close', () => reject(new MusterError('unavailable', `${what}: the answer was cut off`)))
  })
}

function asMusterError(what: string, error: unknown): MusterError {
  if (error instanceof MusterError) return error
  const reason = error instanceof Error ? error.message || error.name : String(error)
  return new MusterError('unavailable', `${what}: ${reason}`, { cause: error })
}
