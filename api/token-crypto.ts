import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { TokenCrypto } from '../domain/enrollment/token.ts'

/** The node:crypto side of enrollment tokens. */
export const tokenCrypto: TokenCrypto = {
  hmac: (secret, text) => createHmac('sha256', secret).update(text).digest('base64url'),
  equal: equalText,
}

/** Compares texts in a time that tells nothing of where they differ; different lengths are told at once. */
export function equalText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
