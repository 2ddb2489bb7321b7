import { createHash, createHmac } from 'node:crypto'
import { canonicalQuery } from './encode.ts'

export const V3_ALGORITHM = 'ACS3-HMAC-SHA256'

export interface V3Request {
  method: string
  /** Path part of the target, as sent. */
  path: string
  query: readonly (readonly [string, string])[]
  /** Names as sent or lower-cased, duplicates allowed. */
  headers: readonly (readonly [string, string])[]
  /** Lower-cased names in the order of the Authorization header. */
  signedHeaders: readonly string[]
  /** Hex digest of the body, as the client states it. */
  bodyHash: string
}

export interface V3Authorization {
  accessKeyId: string
  signedHeaders: string[]
  signature: string
}

/** Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`; undefined when it is not of that form. */
export function parseV3Authorization(header: string): V3Authorization | undefined {
  const [algorithm, ...rest] = header.trim().split(/\s+/)
  if (algorithm !== V3_ALGORITHM) return undefined
  const parts = new Map(
    rest
      .join('')
      .split(',')
      .map((part) => {
        const at = part.indexOf('=')
        return [part.slice(0, at), part.slice(at + 1)] as const
      }),
  )
  const accessKeyId = parts.get('Credential')
  const signedHeaders = parts.get('SignedHeaders')
  const signature = parts.get('Signature')
  if (!accessKeyId || !signedHeaders || !signature) return undefined
  return { accessKeyId, signedHeaders: signedHeaders.toLowerCase().split(';'), signature }
}

export function canonicalRequestV3(request: V3Request): string {
  const path = request.path.replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~')
  const headers = request.signedHeaders
    .toSorted()
    .map((name) => `${name}:${headerValue(request.headers, name)}\n`)
    .join('')
  return [
    request.method,
    path,
    canonicalQuery(request.query),
    headers,
    request.signedHeaders.toSorted().join(';'),
    request.bodyHash,
  ].join('\n')
}

export function stringToSignV3(canonicalRequest: string): string {
  return `${V3_ALGORITHM}\n${sha256Hex(canonicalRequest)}`
}

/** Hex signature; the key is the secret itself, nothing is derived. */
export function signV3(stringToSign: string, secret: string): string {
  return createHmac('sha256', secret).update(stringToSign).digest('hex')
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function headerValue(headers: V3Request['headers'], name: string): string {
  return headers
    .filter(([header]) => header.toLowerCase() === name)
    .map(([, value]) => value.trim())
    .toSorted()
    .join(',')
}
