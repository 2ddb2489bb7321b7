import { MusterError } from '../domain/errors.ts'
import type { HttpAnswer, HttpClient } from './http.ts'

/**
 * Alibaba's instance metadata service, plain and hardened.
 * {@link https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata}
 */
export interface MetadataService {
  /** `meta-data/mac`, `user-data` …; undefined when the service has no such item (404). */
  get(item: string): Promise<string | undefined>
}

export const DEFAULT_METADATA_URL = 'http://100.100.100.200'

/** The service answers within milliseconds or is not reachable yet. */
const TIMEOUT_MS = 3_000
/** The longest the service grants (6 hours); a token that expires earlier is simply replaced. */
const TOKEN_TTL_SECONDS = 21_600
const TOKEN_HEADER = 'x-aliyun-ecs-metadata-token'

/**
 * Plain requests first, a token when they are refused: on an instance that allows plain ones (the default of the
 * cloud) this saves one round trip before `started`, and a hardened one pays a refusal once. The token protects
 * against forged requests by other programs of the host, not against the agent.
 *
 * @param baseUrl without a trailing slash, e.g. {@link DEFAULT_METADATA_URL}
 */
export function createMetadataService(http: HttpClient, baseUrl: string): MetadataService {
  let token: Promise<string> | undefined

  async function get(item: string): Promise<string | undefined> {
    const known = token
    let answer = await read(item, known === undefined ? undefined : await known)
    if (isRefusal(answer)) {
      // Several items are asked for at once: the first refusal fetches the token, the others wait for the same one.
      if (token === known) token = fetchToken()
      answer = await read(item, await currentToken())
    }
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw unexpected(`GET ${baseUrl}/latest/${item}`, answer.status)
    return answer.body.toString('utf8')
  }

  function read(item: string, withToken: string | undefined): Promise<HttpAnswer> {
    const headers: Record<string, string> = withToken === undefined ? {} : { [TOKEN_HEADER]: withToken }
    return http.request({ method: 'GET', url: `${baseUrl}/latest/${item}`, headers, timeoutMs: TIMEOUT_MS })
  }

  async function currentToken(): Promise<string | undefined> {
    const waiting = token
    try {
      return await waiting
    } catch (error) {
      if (token === waiting) token = undefined
      throw error
    }
  }

  async function fetchToken(): Promise<string> {
    const url = `${baseUrl}/latest/api/token`
    const headers = { 'x-aliyun-ecs-metadata-token-ttl-seconds': String(TOKEN_TTL_SECONDS) }
    const answer = await http.request({ method: 'PUT', url, headers, timeoutMs: TIMEOUT_MS })
    if (answer.status === 200) return answer.body.toString('utf8').trim()
    throw unexpected(`PUT ${url}`, answer.status)
  }

  return { get }
}

function isRefusal(answer: HttpAnswer): boolean {
  return answer.status === 401 || answer.status === 403
}

function unexpected(what: string, status: number): MusterError {
  const hint =
    status === 403 ? '; is the metadata service switched off for this instance (HttpEndpoint)?' : ''
  return new MusterError('unavailable', `${what} was answered ${status}${hint}`)
}
