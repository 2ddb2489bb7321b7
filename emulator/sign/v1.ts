import { createHmac } from 'node:crypto'
import { canonicalQuery, percentEncode } from './encode.ts'

/**
 * The RPC signature 1.0 (HMAC-SHA1), used by pop-core, the Go SDK, Packer, Terraform and libcloud.
 * Query and form parameters are signed together; only `Signature` itself is left out.
 */
export function stringToSignV1(method: string, parameters: Iterable<readonly [string, string]>): string {
  const signed = [...parameters].filter(([name]) => name !== 'Signature')
  return `${method}&%2F&${percentEncode(canonicalQuery(signed))}`
}

/** Base64 signature of `stringToSign` under an access key's secret. */
export function signV1(stringToSign: string, secret: string): string {
  return createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64')
}
