import { MusterError } from '../domain/errors.ts'
import type { WireError } from '../domain/wire.ts'
import type { HttpAnswer, HttpClient } from './http.ts'
import { fullJitterMs, POST_BACK_OFF, retryAfterMs } from './retry.ts'
import type { Runtime } from './runtime.ts'

/** What became of a post. `unanswered`: nothing is known, the same post may be sent again. */
export type Outcome<T> =
  | { kind: 'accepted'; body: T }
  | { kind: 'refused'; status: number; code: string; message: string }
  | { kind: 'unanswered'; reason: string; retryAfterMs?: number }

export interface Api {
  /** One try. */
  send<T>(path: string, body: unknown, key: string): Promise<Outcome<T>>
  /**
   * The same post, with one idempotency key, until it is accepted or refused. Full jitter, 30 s at most.
   *
   * @param giveUpAfterMs after this long an unanswered post is left; without it there is no end
   */
  post<T>(path: string, body: unknown, giveUpAfterMs?: number): Promise<Outcome<T>>
  /** A file of the workload; the same rules. */
  download(path: string): Promise<Outcome<Buffer>>
  /** A new idempotency key. */
  nextKey(): string
}

export interface ApiOptions {
  apiUrl: string
  token: string
  http: HttpClient
  runtime: Runtime
  /** Makes idempotency keys unique among all runs of the agent: boot id and start of the program. */
  runId: string
}

/** Longer than the API's calls to Temporal (3 s each, at most two for one request) take before it answers 503. */
const ANSWER_TIMEOUT_MS = 10_000
const DOWNLOAD_TIMEOUT_MS = 120_000

/** Talks to the API. 2xx and 4xx are answers; 408, 429, 5xx and silence are none. */
export function createApi({ apiUrl, token, http, runtime, runId }: ApiOptions): Api {
  let keys = 0
  const authorization = { authorization: `Bearer ${token}` }

  const nextKey = (): string => {
    keys += 1
    return `${runId}-${keys}`
  }

  async function send<T>(path: string, body: unknown, key: string): Promise<Outcome<T>> {
    const headers = { ...authorization, 'content-type': 'application/json', 'idempotency-key': key }
    const request = { method: 'POST', url: apiUrl + path, headers, body: JSON.stringify(body) } as const
    return await once(
      () => http.request({ ...request, timeoutMs: ANSWER_TIMEOUT_MS }),
      (answer) => parseJson(answer) as T,
    )
  }

  async function post<T>(path: string, body: unknown, giveUpAfterMs?: number): Promise<Outcome<T>> {
    const key = nextKey()
    return await untilAnswered(path, () => send<T>(path, body, key), runtime, giveUpAfterMs)
  }

  async function download(path: string): Promise<Outcome<Buffer>> {
    const request = { method: 'GET', url: apiUrl + path, headers: authorization } as const
    const ask = () => http.request({ ...request, timeoutMs: DOWNLOAD_TIMEOUT_MS })
    return await untilAnswered(path, () => once(ask, (answer) => answer.body), runtime)
  }

  async function once<T>(
    ask: () => Promise<HttpAnswer>,
    read: (answer: HttpAnswer) => T,
  ): Promise<Outcome<T>> {
    try {
      return judge(await ask(), read, runtime.nowMs())
    } catch (error) {
      // A URL that is none never becomes one: the agent ends and says so.
      if (error instanceof MusterError && error.code === 'bad_config') throw error
      return { kind: 'unanswered', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  return { send, post, download, nextKey }
}

async function untilAnswered<T>(
  path: string,
  attempt: () => Promise<Outcome<T>>,
  runtime: Runtime,
  giveUpAfterMs = Infinity,
): Promise<Outcome<T>> {
  const endMs = runtime.nowMs() + giveUpAfterMs
  for (let tries = 1; ; tries += 1) {
    const outcome = await attempt()
    if (outcome.kind !== 'unanswered') return outcome
    const waitMs = retryDelayMs(outcome, tries, runtime.random())
    runtime.log('warn', 'the API gave no answer', { path, tries, reason: outcome.reason, waitMs })
    if (runtime.nowMs() + waitMs >= endMs) return outcome
    await runtime.sleep(waitMs)
  }
}

/** The server's `Retry-After` when it gave one (plus jitter: it told many the same), else full jitter. */
export function retryDelayMs(
  outcome: { retryAfterMs?: number },
  tries: number,
  random: number,
  backOff = POST_BACK_OFF,
): number {
  const jittered = fullJitterMs(tries, backOff, random)
  return outcome.retryAfterMs === undefined ? jittered : outcome.retryAfterMs + Math.min(jittered, 1000)
}

function judge<T>(answer: HttpAnswer, read: (answer: HttpAnswer) => T, nowMs: number): Outcome<T> {
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'accepted', body: read(answer) }
  if (status === 408 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(answer.headers['retry-after'], nowMs)
    const reason = `answered ${status}`
    return { kind: 'unanswered', reason, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) }
  }
  return { kind: 'refused', status, ...wireError(answer) }
}

function wireError(answer: HttpAnswer): { code: string; message: string } {
  try {
    const { error } = JSON.parse(answer.body.toString('utf8')) as Partial<WireError>
    if (error !== undefined) return { code: String(error.code), message: String(error.message) }
  } catch {
    // A proxy's own page, for example: the text below says what came.
  }
  return { code: `http_${answer.status}`, message: answer.body.toString('utf8', 0, 200) }
}

/** A 2xx whose body is not JSON came from something else than the API (a captive portal): no answer. */
function parseJson(answer: HttpAnswer): unknown {
  const text = answer.body.toString('utf8')
  try {
    return JSON.parse(text || '{}')
  } catch (error) {
    throw new MusterError('unavailable', `answered ${answer.status} with no JSON: ${text.slice(0, 200)}`, {
      cause: error,
    })
  }
}
