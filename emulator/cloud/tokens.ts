import { createHash } from 'node:crypto'
import { CloudError, refuse } from '../errors.ts'

/** How long a token is remembered when nothing else is said. The cloud's own time is not documented. */
export const DEFAULT_TOKEN_LIFE_MS = 24 * 60 * 60_000

/** Outcomes kept for a token: a result, or the refusal for want of stock (the cloud asks for a new token then). */
export interface TokenRecord {
  key: string
  fingerprint: string
  expiresAtMs: number
  result?: Record<string, unknown> | undefined
  refusal?: { code: string; status: number; message: string } | undefined
}

export interface Tokens {
  /**
   * Runs `work` once for a client token: the same token and parameters get the first result again, the same token
   * with other parameters IdempotentParameterMismatch, a call while the first runs IdempotentProcessing.
   */
  once(
    call: { action: string; accessKeyId: string; token: string; sent: ReadonlyMap<string, string> },
    work: () => Promise<Record<string, unknown>>,
  ): Promise<Record<string, unknown>>
  load(record: TokenRecord): void
  records(): TokenRecord[]
}

export interface TokenOptions {
  now: () => number
  lifeMs: number
  onRecord: (record: TokenRecord) => void
}

export function createTokens(options: TokenOptions): Tokens {
  const done = new Map<string, TokenRecord>()
  const running = new Map<string, string>()

  function keep(record: TokenRecord): void {
    // Insertion order is expiry order: the oldest are dropped from the front.
    for (const [key, old] of done) {
      if (old.expiresAtMs > options.now()) break
      done.delete(key)
    }
    done.set(record.key, record)
  }
  return {
    async once({ action, accessKeyId, token, sent }, work) {
      checkToken(token)
      const key = `${accessKeyId} ${action} ${token}`
      const fingerprint = fingerprintOf(sent)
      const first = done.get(key)
      if (first !== undefined && first.expiresAtMs > options.now()) return repeat(first, fingerprint)
      const busy = running.get(key)
      if (busy !== undefined)
        throw refuse(busy === fingerprint ? 'IdempotentProcessing' : 'IdempotentParameterMismatch')
      running.set(key, fingerprint)
      const record: TokenRecord = { key, fingerprint, expiresAtMs: options.now() + options.lifeMs }
      try {
        record.result = await work()
        return record.result
      } catch (error) {
        if (isStockOut(error)) {
          record.refusal = { code: error.code, status: error.status, message: error.message }
        }
        throw error
      } finally {
        running.delete(key)
        if (record.result !== undefined || record.refusal !== undefined) {
          keep(record)
          options.onRecord(record)
        }
      }
    },
    load: keep,
    records: () => [...done.values()],
  }
}

function repeat(first: TokenRecord, fingerprint: string): Record<string, unknown> {
  if (first.fingerprint !== fingerprint) throw refuse('IdempotentParameterMismatch')
  if (first.refusal !== undefined) {
    throw new CloudError(first.refusal.code, first.refusal.status, first.refusal.message)
  }
  return first.result ?? {}
}

function checkToken(token: string): void {
  if (token.length > 64 || !/^[\x21-\x7e]+$/.test(token)) throw refuse('InvalidClientToken.ValueNotSupported')
}

function isStockOut(error: unknown): error is CloudError {
  return error instanceof CloudError && error.code === 'OperationDenied.NoStock'
}

function fingerprintOf(sent: ReadonlyMap<string, string>): string {
  const sorted = [...sent].filter(([name]) => name !== 'ClientToken').sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url')
}
