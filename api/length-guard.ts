import type { Context, MiddlewareHandler } from 'hono'
import { MusterError } from '../domain/errors.ts'
import type { AppEnv } from './deps.ts'

/** Largest body of any post here: a beat has under 1 KiB, `started` with an identity document under 16 KiB. */
export const MAX_BODY_BYTES = 64 * 1024

/**
 * Refuses by its headers what is no small body of one media type, before a byte of it is read: no length 411, too long
 * 413, another type 415. Node itself ends a body at its Content-Length. (`hono/body-limit` reads the raw stream instead
 * and costs three quarters of the throughput.)
 *
 * @throws MusterError `length_required`, `too_large`, `unsupported_media_type`
 */
export function requireSmallBody(c: Context<AppEnv>, mediaType: string): void {
  const length = c.req.header('content-length')
  if (length === undefined || !/^\d+$/.test(length)) {
    throw new MusterError(
      'length_required',
      'the request has no Content-Length; send one, not a chunked body',
    )
  }
  if (Number(length) > MAX_BODY_BYTES) {
    throw new MusterError(
      'too_large',
      `the body has ${length} bytes; at most ${MAX_BODY_BYTES} are taken here`,
    )
  }
  const type = c.req.header('content-type') ?? ''
  if (type !== mediaType && type.split(';', 1)[0]?.trim().toLowerCase() !== mediaType) {
    throw new MusterError('unsupported_media_type', `the Content-Type must be ${mediaType}`)
  }
}

/** The same as a middleware. */
export function lengthGuard(mediaType: string): MiddlewareHandler<AppEnv> {
  return async function guardLength(c, next) {
    requireSmallBody(c, mediaType)
    await next()
  }
}
