import { equalText, sha256Hex, tokenCrypto } from '../../store/token-crypto.ts'
import type { ApiDeps } from '../deps.ts'

/** A working day; then the token is asked for again. */
export const SESSION_SECONDS = 12 * 3600

/** `<SHA-256 of the token>.<end, ms>.<signature>` */
const SHAPE = /^([0-9a-f]{64})\.(\d{1,16})\.([\w-]{43})$/

/**
 * Sessions of the dashboard, kept by browsers alone: a signed note of which token was shown and until when that counts.
 * Every API process with the same keys reads it, and so does one that was restarted. It names the token by its hash,
 * so a removed token ends its sessions; who reads it there cannot use it as a token.
 */
export interface Sessions {
  issue(token: string): string
  /** The hash of the token that was shown; undefined for a forged session and for one that is over. */
  read(session: string): string | undefined
}

/** Signed with the first enrollment key, by way of a purpose of its own; the second is read too while keys are changed. */
export function createSessions({
  enrollmentKeys,
  clock,
}: Pick<ApiDeps, 'enrollmentKeys' | 'clock'>): Sessions {
  const secrets = Object.values(enrollmentKeys).map((key) =>
    tokenCrypto.hmac(key, 'muster dashboard session'),
  )
  const [current = ''] = secrets

  return {
    issue(token) {
      const signed = `${sha256Hex(token)}.${clock() + SESSION_SECONDS * 1_000}`
      return `${signed}.${tokenCrypto.hmac(current, signed)}`
    },
    read(session) {
      const [, hash = '', end = '', signature = ''] = SHAPE.exec(session) ?? []
      const isOurs = secrets.some((secret) =>
        equalText(signature, tokenCrypto.hmac(secret, `${hash}.${end}`)),
      )
      return isOurs && clock() < Number(end) ? hash : undefined
    },
  }
}
