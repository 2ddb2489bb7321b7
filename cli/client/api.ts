import { MusterError, type ErrorCode, ERROR_TABLE } from '../../domain/errors.ts'
import type { WireError } from '../../domain/wire.ts'
import { withPrintable } from '../printable.ts'
import { runningStack } from '../stack/remembered.ts'

/** Where the API is and who asks. */
export interface ApiTarget {
  api?: string
  token?: string
}

/** Calls the operator API. Answers are JSON of the types of `answers.ts`. */
export interface ApiClient {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  /** The body as it is. */
  download(path: string): Promise<Buffer>
}

const TIMEOUT_MS = 15_000

/**
 * The API named by options, by `MUSTER_API_URL` and `MUSTER_API_TOKEN`, or of the stack that runs on this machine.
 * @throws MusterError `unavailable` when there is none, `bad_config` for a URL that is none
 */
export function apiClient(target: ApiTarget): ApiClient {
  const { url, token } = resolve(target)
  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const headers = {
      accept: 'application/json',
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const init = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }
    const response = await send(
      `${url}${path}`,
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    )
    if (!response.ok) throw await refusal(response, url)
    return response
  }
  return {
    get: async <T>(path: string) => await json<T>(await call('GET', path), url),
    post: async <T>(path: string, body: unknown) => await json<T>(await call('POST', path, body), url),
    download: async (path) => Buffer.from(await (await call('GET', path)).arrayBuffer()),
  }
}

function resolve(target: ApiTarget): { url: string; token: string | undefined } {
  const running = runningStack()
  const given = target.api ?? fromEnvironment('MUSTER_API_URL')
  const url = given === undefined ? running?.api : baseUrl(given)
  if (url === undefined) {
    throw new MusterError(
      'unavailable',
      'no stack runs on this machine: start one with `npm start`, or say where the API is with --api URL (or MUSTER_API_URL)',
    )
  }
  const token = target.token ?? fromEnvironment('MUSTER_API_TOKEN')
  return { url, token: token ?? (url === running?.api ? running.token : undefined) }
}

/** An empty variable is as good as none. */
const fromEnvironment = (name: string): string | undefined => process.env[name] || undefined

function baseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text.replace(/\/+$/, '')
  throw new MusterError(
    'bad_config',
    `"${text}" is not the URL of an API; one looks like http://127.0.0.1:8100`,
  )
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    throw new MusterError('unavailable', `no answer from ${new URL(url).origin}: is the API running there?`, {
      cause,
    })
  }
}

async function json<T>(response: Response, url: string): Promise<T> {
  try {
    return withPrintable(JSON.parse(await response.text())) as T
  } catch (cause) {
    throw new MusterError('unavailable', `${url} answers, but not as an API of Muster does`, { cause })
  }
}

async function wireError(response: Response): Promise<Partial<WireError>> {
  try {
    return withPrintable(JSON.parse(await response.text())) as Partial<WireError>
  } catch {
    return {} // no JSON: the status says what there is to say
  }
}

async function refusal(response: Response, url: string): Promise<MusterError> {
  const answer = await wireError(response)
  const { status } = response
  const { code = 'internal', message = `${url} answered ${status}, but not as an API of Muster does` } =
    answer.error ?? {}
  const known = Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : 'internal'
  const hint = status === 401 ? ' (say --token, or MUSTER_API_TOKEN)' : ''
  return new MusterError(known, `${message}${hint}`)
}
