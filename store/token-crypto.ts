import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { TokenCrypto } from '../domain/enrollment/token.ts'

/**
 * HMAC-SHA256 and constant-time comparison for enrollment tokens. They are here, and not in `domain/`, because that imports
 * no `node:crypto`: launches make tokens, the API checks them, and both may import `store/`.
 */
export const tokenCrypto: TokenCrypto = {
  hmac: (secret, text) => createHmac('sha256', secret).update(text).digest('base64url'),
  equal: equalText,
}

/** Compares texts in a time that does not depend on where they differ; only the lengths may show. */
export function equalText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

/** SHA-256 in hex digits: operators’ tokens are stored as it, and specs are named by its beginning. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
