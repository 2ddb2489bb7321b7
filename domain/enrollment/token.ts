import { MusterError } from '../errors.ts'
import { isHostId } from '../ids.ts'
import type { AttemptKey } from '../ids.ts'
import { fromBase64Url, toBase64Url } from './base64url.ts'

/**
 * The token in an instance's user data: `v1.<keyId>.<payload>.<mac>`, payload = base64url(JSON {h, g, a, e, c}), mac =
 * HMAC-SHA256 over everything before its dot. The same claims and key give the same text, so a launch that is asked again
 * (by another worker, after a deploy) sends the same user data under the same ClientToken.
 */
export interface EnrollmentClaims extends AttemptKey {
  controller: string
  /** Bounds the first accepted `started` only; ms since 1970. */
  expiresAt: number
}

/** `node:crypto`, passed in by callers that may import it. */
export interface TokenCrypto {
  /** HMAC-SHA256 of the text's UTF-8 bytes as base64url without padding. */
  hmac(keySecret: string, text: string): string
  /** Constant time for texts of equal length. */
  equal(a: string, b: string): boolean
}

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
/** Longer than any token made here: a fleet name has at most 40 letters, a controller 128. */
const MAX_TOKEN_LENGTH = 1_024

/** @throws MusterError `bad_config` when the key id would not fit into a token */
export function signEnrollment(
  claims: EnrollmentClaims,
  key: { id: string; secret: string },
  crypto: TokenCrypto,
): string {
  if (!KEY_ID.test(key.id)) {
    throw new MusterError(
      'bad_config',
      `enrollment key id "${key.id}" must be 1 to 32 letters, digits, dashes or underscores`,
    )
  }
  const payload = JSON.stringify({
    h: claims.host,
    g: claims.generation,
    a: claims.attempt,
    e: claims.expiresAt,
    c: claims.controller,
  })
  const signed = `v1.${key.id}.${toBase64Url(payload)}`
  return `${signed}.${crypto.hmac(key.secret, signed)}`
}

/**
 * The claims of a genuine token. The expiry is not judged here: see {@link isExpired}.
 *
 * @param secretOf key id → secret; undefined for a key that is not (or no longer) accepted
 * @throws MusterError `unauthorized`: always the same text for a malformed, forged or foreign token
 */
export function verifyEnrollment(
  token: string,
  secretOf: (keyId: string) => string | undefined,
  crypto: TokenCrypto,
): EnrollmentClaims {
  const parts = token.length <= MAX_TOKEN_LENGTH ? token.split('.') : []
  const [version, keyId = '', payload = '', mac = ''] = parts
  if (parts.length !== 4 || version !== 'v1' || !KEY_ID.test(keyId)) throw refused()
  const secret = secretOf(keyId)
  // An unknown key costs the same as a wrong signature, so that key ids cannot be found by timing.
  const expected = crypto.hmac(secret ?? 'no such key', `v1.${keyId}.${payload}`)
  if (!crypto.equal(mac, expected) || secret === undefined) throw refused()
  const claims = claimsOf(fromBase64Url(payload))
  if (!claims) throw refused()
  return claims
}

export const isExpired = (claims: EnrollmentClaims, now: number): boolean => now > claims.expiresAt

function claimsOf(json: string | undefined): EnrollmentClaims | undefined {
  if (json === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined // the caller refuses the token
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { h, g, a, e, c } = value as Record<string, unknown>
  const texts = typeof h === 'string' && isHostId(h) && typeof g === 'string' && typeof c === 'string'
  if (!texts || !isCount(a) || a < 1 || !isCount(e)) return undefined
  return { host: h, generation: g, attempt: a, expiresAt: e, controller: c }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value)

function refused(): MusterError {
  return new MusterError(
    'unauthorized',
    'the enrollment token is not valid here; use the one in the user data of this instance',
  )
}
