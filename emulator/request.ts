import type { IncomingMessage } from 'node:http'
import { refuse } from './errors.ts'

/** Form bodies carry at most a RunInstances with its user data. */
const BODY_LIMIT_BYTES = 1024 * 1024

export interface ApiRequest {
  method: string
  /** Path of the target without query; absolute-form targets (a client behind HTTP_PROXY) are reduced to it. */
  path: string
  host: string
  remoteAddress: string
  /** As sent: names in any case, duplicates kept. */
  headers: [string, string][]
  query: [string, string][]
  form: [string, string][]
  body: Buffer
}

/** Reads the whole request. An empty chunked body is read as well: left alone it would spoil the connection. */
export async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const body = await readBody(incoming)
  const target = splitTarget(incoming.url ?? '/')
  const contentType = (incoming.headers['content-type'] ?? '').toLowerCase()
  const isForm = contentType.startsWith('application/x-www-form-urlencoded')
  return {
    method: incoming.method ?? 'GET',
    path: target.path,
    host: incoming.headers.host ?? '',
    remoteAddress: incoming.socket.remoteAddress ?? '',
    headers: pairs(incoming.rawHeaders),
    query: [...new URLSearchParams(target.query)],
    form: isForm ? [...new URLSearchParams(body.toString('utf8'))] : [],
    body,
  }
}

/** First value of a header, by lower-case name. */
export function header(request: ApiRequest, name: string): string | undefined {
  return request.headers.find(([sent]) => sent.toLowerCase() === name)?.[1]
}

/** Query and form together, the query winning, as the cloud reads a parameter wherever it was put. */
export function allParameters(request: ApiRequest): Map<string, string> {
  return new Map([...request.form, ...request.query])
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_LIMIT_BYTES) throw refuse('InvalidParameter', 'Body')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function splitTarget(target: string): { path: string; query: string } {
  const withoutOrigin = target.replace(/^https?:\/\/[^/?]*/i, '')
  const at = withoutOrigin.indexOf('?')
  const path = at < 0 ? withoutOrigin : withoutOrigin.slice(0, at)
  return { path: path === '' ? '/' : path, query: at < 0 ? '' : withoutOrigin.slice(at + 1) }
}

function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) result.push([raw[at]!, raw[at + 1]!])
  return result
}
