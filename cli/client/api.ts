import { MusterError, type ErrorCode, ERROR_TABLE } from '../../domain/errors.ts'
import type { WireError } from '../../domain/wire.ts'
import { runningStack } from '../stack/remembered.ts'

/** Where the API is and who asks. */
export interface ApiTarget {
  api?: string
  token?: string
}

/** Calls the operator API. Answers are JSON. */
export interface ApiClient {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
}

const TIMEOUT_MS = 15_000

/**
 * The API named by options, by `MUSTER_API_URL` and `MUSTER_API_TOKEN`, or of the stack that runs on this machine.
 * @throws MusterError `bad_config` when there is none
 */
export function apiClient(target: ApiTarget): ApiClient {
  const running = runningStack()
  const url = target.api ?? process.env['MUSTER_API_URL'] ?? running?.api
  const token =
    target.token ?? process.env['MUSTER_API_TOKEN'] ?? (url === running?.api ? running?.token : undefined)
  if (url === undefined) {
    throw new MusterError(
      'bad_config',
      'no API: start one with `npm start`, or say --api URL (or MUSTER_API_URL)',
    )
  }
  const call = async (method: string, path: string, body?: unknown) => {
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
    const answer: unknown = await response.json()
    if (!response.ok) throw refusal(answer, response.status)
    return answer as never
  }
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) }
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

function refusal(answer: unknown, status: number): MusterError {
  const { code = 'internal', message = `the API answered ${status}` } =
    (answer as Partial<WireError>).error ?? {}
  const known = Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : 'internal'
  const hint = status === 401 ? ' (say --token, or MUSTER_API_TOKEN)' : ''
  return new MusterError(known, `${message}${hint}`)
}
