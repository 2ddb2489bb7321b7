import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from './deps.ts'
import type { Metrics } from './metrics.ts'

const REQUEST_ID = /^[\w\-=]{1,128}$/

/** Gives every request its id and counts it by route pattern: paths would make a series for every host. */
export function observe(metrics: Metrics): MiddlewareHandler<AppEnv> {
  return async function observeRequest(c, next) {
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    c.header('x-request-id', requestId)
    const from = performance.now()
    await next()
    const { status } = c.res
    const matched = routePath(c, -1)
    // Unknown paths end at the middleware of all paths.
    const route = matched === '/*' || matched === '*' ? 'other' : matched
    metrics.requests.inc({ method: c.req.method, route, status })
    metrics.seconds.observe({ route }, (performance.now() - from) / 1000)
    if (status === 410) metrics.gone.inc()
  }
}
