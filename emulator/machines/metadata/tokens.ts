import { randomBytes } from 'node:crypto'

/** Tokens of one instance's metadata service: valid for it alone, until they expire, any number of times. */
export interface MetadataTokens {
  issue(ttlSeconds: number): string
  isValid(token: string): boolean
}

/** What the cloud grants: 1 second to 6 hours. */
export const TOKEN_TTL_SECONDS = { min: 1, max: 21_600 }

export function createMetadataTokens(nowMs: () => number): MetadataTokens {
  const expiries = new Map<string, number>()

  function forgetExpired(): void {
    for (const [token, expiresAtMs] of expiries) {
      if (expiresAtMs <= nowMs()) expiries.delete(token)
    }
  }

  return {
    issue(ttlSeconds) {
      forgetExpired()
      const token = randomBytes(40).toString('base64url')
      expiries.set(token, nowMs() + ttlSeconds * 1000)
      return token
    },
    isValid: (token) => (expiries.get(token) ?? 0) > nowMs(),
  }
}
