import type { z } from 'zod'
import { errorSchema } from './answers.ts'
import { oneASecond } from './one-a-second.ts'
import { StatuspageError, type StatuspageFault } from './statuspage-error.ts'

/** How the API is reached. */
export interface StatuspageAccess {
  /** Without a slash at the end. */
  endpoint: string
  pageId: string
  key: string
  /** From a call to giving it up; default 10 s. */
  timeoutMs?: number
  /** Between two calls with one key; default 1 s, which is what the API allows. */
  spacingMs?: number
}

export interface HttpCall<T> {
  method: 'GET' | 'POST' | 'PATCH'
  /** Below the page, beginning with a slash; empty: the page itself. */
  path: string
  body?: object
  answer: z.ZodType<T>
}

const TIMEOUT_MS = 10_000
const MAX_SAID = 300

/**
 * One request, in its turn.
 * @throws StatuspageError whatever comes instead of the answer
 */
export async function httpCall<T>(access: StatuspageAccess, call: HttpCall<T>): Promise<T> {
  await oneASecond(access.key, access.spacingMs)
  const { status, headers, text } = await send(access, call)
  const what = `${call.method} ${call.path || '/'}`
  if (status < 200 || status > 299) throw refusal(access, what, status, headers, text)
  const parsed = call.answer.safeParse(json(text))
  if (parsed.success) return parsed.data
  throw new StatuspageError(
    'unclear',
    `Statuspage answered ${what} with ${status}, but not as its API does: is ${access.endpoint} the right endpoint?`,
  )
}

interface RawAnswer {
  status: number
  headers: Headers
  text: string
}

async function send(access: StatuspageAccess, call: HttpCall<unknown>): Promise<RawAnswer> {
  const { endpoint, pageId, key, timeoutMs = TIMEOUT_MS } = access
  try {
    const response = await fetch(`${endpoint}/pages/${encodeURIComponent(pageId)}${call.path}`, {
      method: call.method,
      headers: {
        authorization: `OAuth ${key}`,
        accept: 'application/json',
        ...(call.body && { 'content-type': 'application/json' }),
      },
      ...(call.body && { body: JSON.stringify(call.body) }),
      // Whoever it leads to would get the key.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    // The error itself stays here: what an HTTP library quotes is not ours to know.
    const why = causeOf(error)
    throw new StatuspageError(
      'unclear',
      `no answer of Statuspage to ${call.method} ${call.path || '/'}: ${why}`,
    )
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed'
  if (error.name === 'TimeoutError') return 'it took too long'
  const { code } = (error.cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? `the connection failed (${code})` : 'the connection failed'
}

function refusal(
  access: StatuspageAccess,
  what: string,
  status: number,
  headers: Headers,
  text: string,
): StatuspageError {
  const fault = faultOf(status)
  const said = saidBy(text, access.key)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new StatuspageError(
    fault,
    `Statuspage answered ${what} with ${status}${said === '' ? '' : ` (${said})`}`,
    {
      httpStatus: status,
      ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfterMs: seconds * 1_000 }),
    },
  )
}

function faultOf(status: number): StatuspageFault {
  if (status === 420 || status === 429) return 'limited'
  if (status === 401 || status === 403) return 'refused'
  if (status === 404) return 'missing'
  if (status >= 500) return 'unclear'
  // Led elsewhere: this is no API.
  return status < 400 ? 'refused' : 'invalid'
}

/** The words of the answer, and never the key, should it be quoted there. */
function saidBy(text: string, key: string): string {
  const { error, message } = errorSchema.safeParse(json(text)).data ?? {}
  const said = [error ?? message ?? []].flat().join('; ').replaceAll(key, '(key)')
  return said.length > MAX_SAID ? `${said.slice(0, MAX_SAID)}…` : said
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller reports that it is not JSON.
    return undefined
  }
}
