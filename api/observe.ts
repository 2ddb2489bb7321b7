import { randomUUID } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from './deps.ts'
import type { Metrics } from './metrics.ts'

const REQUEST_ID = /^[\w\-=]{1,128}$/

/** Gives every request its id and counts it by route pattern: paths would make a series for every host. */
export function observe(metrics: Metrics): MiddlewareHandler<AppEnv> {
  const count = createCounts(metrics)
  return async function observeRequest(c, next) {
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    nameInAnswer(c, requestId)
    const from = performance.now()
    await next()
    const { status } = c.res
    const matched = routePath(c, -1)
    // Unknown paths end at the middleware of all paths.
    const route = matched === '/*' || matched === '*' ? 'other' : matched
    count(c.req.method, route, status, (performance.now() - from) / 1000)
    if (status === 410) metrics.gone.inc()
  }
}

/**
 * Straight on Node's response: through Hono it makes a `Headers` object of every answer, to be copied and sorted, which
 * costs a beat more than the check of its body.
 */
function nameInAnswer(c: Context<AppEnv>, requestId: string): void {
  const { outgoing } = c.env ?? {}
  if (outgoing === undefined) c.header('x-request-id', requestId)
  else outgoing.setHeader('x-request-id', requestId)
}

/** Looks each series up once: routes, methods and statuses are few, and a beat comes from every host all the time. */
function createCounts({ requests, seconds }: Metrics) {
  const counters = new Map<string, ReturnType<typeof requests.labels>>()
  const histograms = new Map<string, ReturnType<typeof seconds.labels>>()
  return function count(method: string, route: string, status: number, taken: number): void {
    const name = `${method} ${status} ${route}`
    let counter = counters.get(name)
    if (counter === undefined) counters.set(name, (counter = requests.labels({ method, route, status })))
    counter.inc()
    let histogram = histograms.get(route)
    if (histogram === undefined) histograms.set(route, (histogram = seconds.labels({ route })))
    histogram.observe(taken)
  }
}
