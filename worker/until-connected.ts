import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError } from '../domain/errors.ts'
import { callerProblem } from './caller-problem.ts'
import type { TemporalEndpoint } from './temporal-endpoint.ts'
import { speaksTls, tlsProblem } from './tls-problem.ts'

const MAX_PAUSE_MS = 2_000
/** gRPC itself only says that it was not connected in time. */
const MIN_ATTEMPT_MS = 1_000

/**
 * Connects, trying until the server is there: parts of an installation start in any order. What waiting cannot mend ends
 * it at once.
 * @param timeoutMs how long to try before the error names the address
 * @param connect one attempt, with the time that is left for it, ms
 * @throws MusterError `unavailable` when nobody answers, `unprocessable` when the server and we do not trust each other
 */
export async function untilConnected<C>(
  endpoint: TemporalEndpoint,
  timeoutMs: number,
  connect: (leftMs: number) => Promise<C>,
): Promise<C> {
  const until = Date.now() + timeoutMs
  for (let pauseMs = 100; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
    refuse(endpoint, endpoint.tls && (await tlsProblem(endpoint)))
    try {
      return await connect(Math.max(MIN_ATTEMPT_MS, until - Date.now()))
    } catch (cause) {
      refuse(endpoint, await problemBehind(endpoint, cause), cause)
      if (Date.now() + pauseMs > until) {
        // Some end the connection without a word when they do not like it.
        const trust = endpoint.tls?.clientCertPair ? ', and does it trust the client certificate' : ''
        const message = `no Temporal server answers at ${endpoint.address} within ${timeoutMs / 1000} s: is it running there${trust}?`
        throw new MusterError('unavailable', message, { cause })
      }
      await sleep(pauseMs)
    }
  }
}

function refuse({ address }: TemporalEndpoint, problem: string | undefined, cause?: unknown): void {
  if (problem === undefined) return
  throw new MusterError('unprocessable', `Temporal at ${address} ${problem}`, { cause })
}

async function problemBehind(endpoint: TemporalEndpoint, error: unknown): Promise<string | undefined> {
  const { apiKey, tls } = endpoint
  const proof = { hasKey: apiKey !== undefined, hasCertificate: tls?.clientCertPair !== undefined }
  const problem = callerProblem(proof, error)
  if (problem !== undefined || tls || !(await speaksTls(endpoint.address))) return problem
  return 'speaks TLS, and we do not: say temporal.tls (--tls)'
}
