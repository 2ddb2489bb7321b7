import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../deps.ts'
import { requireOperator, requireSameOrigin } from './auth.ts'
import type { Authenticate } from './auth.ts'

/** Everybody with a token may read. */
export function viewerGuard(authenticate: Authenticate): MiddlewareHandler<AppEnv> {
  return async function guardViewer(c, next) {
    c.set('actor', await authenticate(c))
    await next()
  }
}

/** Changes need the role operator, and from a browser's session a page of ours. */
export function operatorGuard(
  authenticate: Authenticate,
  publicUrl: string | undefined,
): MiddlewareHandler<AppEnv> {
  return async function guardOperator(c, next) {
    const actor = await authenticate(c)
    if (actor.by === 'session') requireSameOrigin(c, publicUrl)
    requireOperator(actor)
    c.set('actor', actor)
    await next()
  }
}
