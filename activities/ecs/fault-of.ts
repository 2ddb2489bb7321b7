import { cleanMessage } from './clean-message.ts'
import { EcsError } from './ecs-error.ts'
import type { EcsFault } from './ecs-error.ts'
import { faultClass } from './errors.ts'

/** The shapes of what the SDK throws; all of it may quote the request, so nothing of it is passed on as it is. */
interface Thrown {
  name?: unknown
  code?: unknown
  statusCode?: unknown
  requestId?: unknown
  retryAfter?: unknown
  data?: unknown
}

/** Never reached the cloud: nothing was done. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/**
 * A new error from what the SDK threw: code, status, request id and the cloud's cleaned message. Calls without a
 * readable answer get codes of ours: `NoAnswer`, `NotJson` (a proxy's HTML page: the SDK throws a bare SyntaxError),
 * `ConnectionLost`, `ConnectionFailed`, `ClientFailure`.
 *
 * @param secrets texts of this request that must not appear in the message
 */
export function faultOf(error: unknown, action: string, secrets: string[] = []): EcsError {
  if (error instanceof EcsError) return error
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Thrown
  const httpStatus = typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined
  if (httpStatus !== undefined) return new EcsError(answered(thrown, httpStatus, action, secrets))
  const [code, message] = unanswered(thrown, error)
  return new EcsError({ action, code, class: 'retry', message, maybeDone: code !== 'ConnectionFailed' })
}

function answered(thrown: Thrown, httpStatus: number, action: string, secrets: string[]): EcsFault {
  const told = (typeof thrown.data === 'object' && thrown.data !== null ? thrown.data : {}) as Record<
    string,
    unknown
  >
  const text = told['Message'] ?? told['message']
  const code = identifier(thrown.code) ?? `Http${httpStatus}`
  const kind = faultClass(code, httpStatus)
  return {
    action,
    code,
    class: kind,
    httpStatus,
    ...defined('requestId', identifier(thrown.requestId)),
    message: cleanMessage(
      typeof text === 'string' && text !== '' ? text : 'the cloud gave no reason',
      secrets,
    ),
    ...defined('retryAfterMs', milliseconds(thrown.retryAfter)),
    // A throttled call was not looked at; other "later" answers leave it open whether the call was obeyed.
    maybeDone: kind === 'retry' && !code.includes('Throttling'),
  }
}

function unanswered(thrown: Thrown, error: unknown): [code: string, message: string] {
  const system = typeof thrown.code === 'string' ? thrown.code : ''
  if (error instanceof SyntaxError) return ['NotJson', 'the answer was no JSON, perhaps a page of a proxy']
  if (String(thrown.name).includes('Timeout')) return ['NoAnswer', 'no answer in time']
  if (NOT_SENT.has(system)) return ['ConnectionFailed', `no connection to the endpoint (${system})`]
  if (/^E[A-Z]+$/.test(system)) return ['ConnectionLost', `the connection was lost (${system})`]
  return ['ClientFailure', 'the call failed in the client']
}

/** Codes and request ids as the cloud writes them; anything else might be a quoted parameter. */
function identifier(value: unknown): string | undefined {
  return typeof value === 'string' &&
    /^[A-Za-z][\w.-]{0,79}$|^[0-9A-Fa-f-]{8,40}$/.test(value) &&
    value !== 'undefined'
    ? value
    : undefined
}

function milliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.ceil(value) : undefined
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
