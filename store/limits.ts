import { MusterError } from '../domain/errors.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** @throws MusterError `bad_request` when it is no whole number from 1 to 1,000 */
export function pageLimit(limit: number = DEFAULT_LIMIT): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new MusterError(
      'bad_request',
      `limit is ${limit}, but must be a whole number from 1 to ${MAX_LIMIT}`,
    )
  }
  return limit
}

/** @throws MusterError `bad_request` when it is none that a row can have */
export function rowCursor(before: number): number {
  if (!Number.isSafeInteger(before) || before < 0) {
    throw new MusterError('bad_request', `before is ${before}, but must be the id of a row`)
  }
  return before
}

/** Beginning of a text for people that may be too long. `max` in UTF-16 units. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`
}

/**
 * A value as JSON text.
 * @param what for the error, as in "the spec"
 * @throws MusterError `too_large` above `maxBytes` of UTF-8
 */
export function jsonWithin(value: unknown, maxBytes: number, what: string): string {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    throw new MusterError(
      'too_large',
      `${what} is ${bytes} bytes of JSON, but may be ${maxBytes}: shorten it`,
    )
  }
  return text
}
