import { createHmac, timingSafeEqual } from 'node:crypto'
import type { TokenCrypto } from '../domain/enrollment/token.ts'

/** HMAC-SHA256 and constant-time comparison by `node:crypto` for enrollment tokens. */
export const nodeTokenCrypto: TokenCrypto = {
  hmac: (keySecret, text) => createHmac('sha256', keySecret).update(text, 'utf8').digest('base64url'),
  equal(a, b) {
    const left = Buffer.from(a)
    const right = Buffer.from(b)
    return left.length === right.length && timingSafeEqual(left, right)
  },
}
