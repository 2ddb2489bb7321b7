import { MusterError } from '../errors.ts'

/** A point in time: a Date, milliseconds since 1970, or an ISO text with a zone (`2026-01-01T00:00:00Z`). */
export type Instant = Date | number | string

/**
 * Whole seconds since 1970, the rest of a second dropped.
 * @param name of the option, for the error
 * @throws MusterError `bad_request` when it is no point in time
 */
export function secondsOf(instant: Instant, name: string): number {
  const zoneless = typeof instant === 'string' && !/(Z|[+-]\d\d:?\d\d)$/i.test(instant)
  const ms = zoneless ? Number.NaN : new Date(instant).getTime()
  if (!Number.isFinite(ms)) {
    throw new MusterError(
      'bad_request',
      `${name} is not a point in time: '${String(instant)}'. Give a Date, milliseconds since 1970 or a text such as 2026-01-01T00:00:00Z`,
    )
  }
  return Math.floor(ms / 1000)
}
