import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv4, type AddressInfo } from 'node:net'
import type { MachineSpec } from '../contract.ts'
import { findItem } from './answer.ts'
import { createMetadataTokens, TOKEN_TTL_SECONDS } from './tokens.ts'
import type { MetadataTokens } from './tokens.ts'
import { metadataTree } from './tree.ts'
import type { Changing } from './tree.ts'

/** The metadata service of one machine, on the machine's own address. */
export interface MetadataServer {
  /** Without a trailing slash. */
  url: string
  /** Where the machine's connections come from; undefined where this system has no such loopback address. */
  localAddress: string | undefined
  close(): Promise<void>
}

export interface MetadataServerOptions {
  spec: MachineSpec
  changing: Changing
  /** Tried in turn; 0 is any free port. */
  ports?: number[]
  nowMs?: () => number
}

/** Port 80 as on the cloud; where that is forbidden or taken, a free one. */
const PORTS = [80, 0]
/** Not every system answers on the whole of 127.0.0.0/8 (macOS has only 127.0.0.1). */
const LAST_RESORT = '127.0.0.1'

export async function openMetadataServer(options: MetadataServerOptions): Promise<MetadataServer> {
  const { spec, changing, ports = PORTS, nowMs = Date.now } = options
  const tokens = createMetadataTokens(nowMs)
  const tree = metadataTree(spec, changing)
  const server = createServer((request, response) => {
    request.resume()
    const find = (path: string) => findItem(path, spec, tree)
    send(
      request,
      response,
      isAddressed(request) ? respond(request, spec, tokens, find) : page(403, 'Forbidden'),
    )
  })
  const places = [...ports.map((port) => ({ host: spec.privateIp, port })), { host: LAST_RESORT, port: 0 }]
  const host = await listenSomewhere(server, places)
  const { port } = server.address() as AddressInfo
  return {
    url: port === 80 ? `http://${host}` : `http://${host}:${port}`,
    localAddress: host === spec.privateIp ? host : undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Place {
  host: string
  port: number
}

async function listenSomewhere(server: Server, places: Place[]): Promise<string> {
  const [place, ...rest] = places
  if (place === undefined) throw new Error('no address to listen on was given')
  try {
    await listen(server, place)
    return place.host
  } catch (error) {
    if (rest.length === 0) throw error
    return await listenSomewhere(server, rest)
  }
}

function listen(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

interface Answer {
  status: number
  body: string | Buffer
  type?: string
}

const TOKEN_HEADER = 'x-aliyun-ecs-metadata-token'
const TTL_HEADER = 'x-aliyun-ecs-metadata-token-ttl-seconds'

/** The order of the cloud: switched off → token call → method → token → item. */
function respond(
  request: IncomingMessage,
  { metadata }: MachineSpec,
  tokens: MetadataTokens,
  find: (path: string) => string | Buffer | undefined,
): Answer {
  const path = decodedPath(request.url ?? '/')
  if (metadata.httpEndpoint === 'disabled') return page(403, 'Forbidden')
  if (request.method === 'PUT')
    return path === '/latest/api/token' ? issueToken(request, tokens) : page(405, 'Not Allowed')
  if (request.method !== 'GET' && request.method !== 'HEAD') return page(405, 'Not Allowed')
  const token = request.headers[TOKEN_HEADER]
  if (typeof token === 'string' && !tokens.isValid(token)) return page(401, 'Unauthorized')
  if (token === undefined && metadata.httpTokens === 'required') return page(403, 'Forbidden')
  const found = find(path)
  return found === undefined ? page(404, 'Not Found') : { status: 200, body: found }
}

/**
 * Other than the cloud's, this service can be reached by a browser on the same machine: a page whose own name was made to
 * lead here (DNS rebinding) would read the enrollment, but asks by that name. Agents ask by address.
 */
const isAddressed = ({ headers: { host = '' } }: IncomingMessage): boolean =>
  host === '' || isIPv4(host.replace(/:\d+$/, ''))

/** A call that came through a proxy is refused: the token must not leave the instance. */
function issueToken(request: IncomingMessage, tokens: MetadataTokens): Answer {
  if (request.headers['x-forwarded-for'] !== undefined) return page(403, 'Forbidden')
  const ttlSeconds = Number(request.headers[TTL_HEADER])
  const { min, max } = TOKEN_TTL_SECONDS
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < min || ttlSeconds > max) return page(400, 'Bad Request')
  return { status: 200, body: tokens.issue(ttlSeconds) }
}

function decodedPath(target: string): string {
  const path = target.split('?', 1)[0] ?? ''
  try {
    return decodeURIComponent(path)
  } catch {
    // A broken escape names no item: 404.
    return path
  }
}

function page(status: number, title: string): Answer {
  const text = `${status} - ${title}`
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>${text}</title></head><body><h1>${text}</h1></body></html>\n`
  return { status, body, type: 'text/html' }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, type }: Answer): void {
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
