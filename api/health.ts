import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { isLoopback as isLoopbackUrl } from '../domain/config/loopback.ts'
import { MusterError } from '../domain/errors.ts'
import { isLoopback } from './client-address.ts'
import type { ClientAddress } from './client-address.ts'
import type { AppEnv } from './deps.ts'
import type { Metrics } from './metrics.ts'
import { errorAnswers, jsonAnswer, SECURITY } from './openapi.ts'
import type { Authenticate } from './operator/auth.ts'
import type { Reachability } from './reachability.ts'

const healthyAnswer = z.strictObject({ ok: z.literal(true) }).openapi('Healthy')

const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'health',
  tags: ['process'],
  summary: 'The process runs',
  responses: { 200: jsonAnswer('It does', healthyAnswer), ...errorAnswers(500) },
})

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readiness',
  tags: ['process'],
  summary: 'Temporal and the store answer, and the process is not shutting down',
  responses: { 200: jsonAnswer('Ready', healthyAnswer), ...errorAnswers(500, 503) },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['process'],
  summary: 'Prometheus text; from loopback, or with a token',
  security: [{}, { [SECURITY.operator]: [] }],
  responses: {
    200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } },
    ...errorAnswers(401, 500, 503),
  },
})

export interface HealthContext {
  reach: Reachability
  metrics: Metrics
  authenticate: Authenticate
  addressOf: (c: Context<AppEnv>) => ClientAddress
  isClosing: () => boolean
}

/** What load balancers and Prometheus ask. */
export function healthRoutes(context: HealthContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>()
  app.openapi(healthRoute, (c) => c.json({ ok: true } as const, 200))

  app.openapi(readyRoute, async (c) => {
    if (context.isClosing()) throw new MusterError('unavailable', 'this API is shutting down')
    const { temporal, store } = await context.reach.probe()
    const away = [...(temporal ? [] : ['Temporal']), ...(store ? [] : ['the store'])]
    if (away.length > 0) throw new MusterError('unavailable', `no answer from ${away.join(' and ')}`)
    return c.json({ ok: true } as const, 200)
  })

  app.openapi(metricsRoute, async (c) => {
    const { source, forwarded } = context.addressOf(c)
    // A web page whose own name was made to lead to this machine (DNS rebinding) asks from loopback, but by that name.
    if (forwarded || !isLoopback(source) || !isLoopbackUrl(c.req.url)) await context.authenticate(c)
    return c.text(await context.metrics.registry.metrics(), 200, {
      'content-type': context.metrics.registry.contentType,
    })
  })
  return app
}
