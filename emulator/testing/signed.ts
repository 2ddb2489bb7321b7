import { randomUUID } from 'node:crypto'
import { request } from 'node:http'
import type { Emulator } from '../index.ts'
import { signV1, stringToSignV1 } from '../sign/v1.ts'
import { canonicalRequestV3, sha256Hex, signV3, stringToSignV3 } from '../sign/v3.ts'

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Sends a request as it is: for what no SDK would send. */
export function send(
  emulator: Emulator,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const [host, port] = emulator.endpoint.split(':')
    const sent = request(
      {
        host,
        port,
        method: options.method ?? 'POST',
        path: options.path ?? '/',
        headers: options.headers,
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(options.body)
  })
}

/** System parameters of signature 1.0 for an action; `undefined` leaves one out. */
export function v1Parameters(
  emulator: Emulator,
  action: string,
  parameters: Record<string, string | undefined> = {},
): [string, string][] {
  const all = {
    Action: action,
    Version: '2014-05-26',
    Format: 'JSON',
    Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: randomUUID(),
    AccessKeyId: emulator.credentials.accessKeyId,
    ...parameters,
  }
  return Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

/** Signed parameters as a query or form text. */
export function signedV1(
  emulator: Emulator,
  method: string,
  parameters: [string, string][],
  secret = emulator.credentials.accessKeySecret,
): string {
  const signature = signV1(stringToSignV1(method, parameters), secret)
  return new URLSearchParams([...parameters, ['Signature', signature]]).toString()
}

/** Headers of a signature 3 request with all parameters in the query. */
export function v3Headers(
  emulator: Emulator,
  action: string,
  query: [string, string][],
  more: Record<string, string> = {},
): Record<string, string> {
  const headers: Record<string, string> = {
    host: emulator.endpoint,
    'x-acs-action': action,
    'x-acs-version': '2014-05-26',
    'x-acs-date': `${new Date().toISOString().slice(0, 19)}Z`,
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-content-sha256': sha256Hex(''),
    ...more,
  }
  const signedHeaders = Object.keys(headers).toSorted()
  const canonical = canonicalRequestV3({
    method: 'POST',
    path: '/',
    query,
    headers: Object.entries(headers),
    signedHeaders,
    bodyHash: headers['x-acs-content-sha256'] ?? '',
  })
  const signature = signV3(stringToSignV3(canonical), emulator.credentials.accessKeySecret)
  const claim = `Credential=${emulator.credentials.accessKeyId},SignedHeaders=${signedHeaders.join(';')},Signature=${signature}`
  return { ...headers, accept: 'application/json', authorization: `ACS3-HMAC-SHA256 ${claim}` }
}

/** Sends an action by signature 1.0 with everything in the query. */
export function callV1(
  emulator: Emulator,
  action: string,
  parameters: Record<string, string | undefined> = {},
  method = 'GET',
): Promise<RawAnswer> {
  return send(emulator, {
    method,
    path: `/?${signedV1(emulator, method, v1Parameters(emulator, action, parameters))}`,
  })
}

/** The code of an error answered in JSON. */
export function codeIn(answer: RawAnswer): string {
  return (JSON.parse(answer.body) as { Code?: string }).Code ?? ''
}
