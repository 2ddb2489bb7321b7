import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from '@hono/zod-openapi'
import { ERROR_TABLE, MusterError } from '../domain/errors.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { WireError } from '../domain/wire.ts'
import type { AppEnv, Log } from './deps.ts'

/** Problems named in one answer; the rest of a thoroughly wrong body is counted only. */
const MAX_PROBLEMS = 20
/** Names of unknown fields come from outside: longer ones are cut. */
const MAX_PROBLEM_LENGTH = 200

/**
 * What any thrown thing means to the caller. Errors that are not ours say nothing of themselves: their texts may hold
 * addresses, queries or tokens; the log has them under the request id.
 */
export function toMusterError(error: unknown): MusterError {
  if (error instanceof MusterError) return error
  if (error instanceof HTTPException) {
    return new MusterError(codeOfStatus(error.status), error.message || 'the request was refused', {
      cause: error,
    })
  }
  return new MusterError(
    'internal',
    'something unexpected happened; the log of the API has it under this request id',
    {
      cause: error,
    },
  )
}

function codeOfStatus(status: number): ErrorCode {
  const found = Object.entries(ERROR_TABLE).find(([, row]) => row.status === status)
  return (found?.[0] as ErrorCode | undefined) ?? (status >= 500 ? 'internal' : 'bad_request')
}

/** The body of every answer that is not 2xx. */
export function wireError(error: MusterError, requestId: string | undefined): WireError {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
      ...(requestId === undefined ? {} : { requestId }),
    },
  }
}

/** Headers that belong to a status: how to authenticate, when to come again. */
export function headersOf(error: MusterError): Record<string, string> {
  const { retryAfterSeconds } = error.details
  if (error.status === 401) return { 'www-authenticate': 'Bearer realm="muster"' }
  if (error.status !== 429 && error.status !== 503) return {}
  return { 'retry-after': String(typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 1) }
}

/** Writes one line for an error that is ours to look at; refusals of bad requests are counted by the metrics. */
export function logError(log: Log, c: Context<AppEnv>, error: MusterError): void {
  if (error.status < 500) return
  const fields = { requestId: c.get('requestId'), method: c.req.method, path: c.req.path, code: error.code }
  const cause = error.cause ?? error
  if (error.status === 500) log.error({ ...fields, err: cause }, error.message)
  else log.warn({ ...fields, reason: reasonOf(cause) }, error.message)
}

/** The text of an error of somebody else, with what it was caused by: gRPC keeps the reason there. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`
}

export function jsonError(
  c: Context<AppEnv>,
  error: MusterError,
  headers: Record<string, string> = {},
): Response {
  const body = wireError(error, c.get('requestId'))
  return c.json(body, error.status as ContentfulStatusCode, { ...headersOf(error), ...headers })
}

const PLACES: Record<string, string> = {
  json: 'the body',
  query: 'the query',
  param: 'the path',
  header: 'the headers',
  form: 'the form',
}

/** Hook of every validation: names each wrong field and what was expected, never the value sent. */
export function refuseInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
): void {
  if (result.success) return
  throw invalid(PLACES[result.target] ?? 'the request', result.error)
}

/** @param place begins the sentence: `the body` */
export function invalid(place: string, error: z.ZodError): MusterError {
  const problems = error.issues.flatMap(describeIssue)
  const shown = problems.slice(0, MAX_PROBLEMS)
  const more = problems.length > shown.length ? ` and ${problems.length - shown.length} more` : ''
  return new MusterError('bad_request', `${place} is not as expected: ${shown.join('; ')}${more}`, {
    details: { problems: shown },
  })
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => cut(`unknown field "${path === '' ? '' : `${path}.`}${key}"`))
  }
  const text = issue.message.replace(/^Invalid input: /, '')
  return [cut(path === '' ? text : `${path}: ${text}`)]
}

function cut(text: string): string {
  return text.length <= MAX_PROBLEM_LENGTH ? text : `${text.slice(0, MAX_PROBLEM_LENGTH)}…`
}
