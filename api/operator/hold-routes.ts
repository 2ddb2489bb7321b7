import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { askerOf } from './asker.ts'
import type { OperatorContext } from './context.ts'
import { operatorGuard, viewerGuard } from './guard.ts'
import { holdParams, holdsAnswer, holdsQuery, holdView } from './hold-schemas.ts'
import { readHolds, releaseHold } from './holds.ts'
import { whyBody } from './schemas.ts'

const tags = ['holds']
const security = [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }]

const listRoute = createRoute({
  method: 'get',
  path: '/v1/holds',
  operationId: 'listHolds',
  tags,
  summary: 'What the breaker stops, and who probes',
  security,
  request: { query: holdsQuery },
  responses: { 200: jsonAnswer('The newest first', holdsAnswer), ...errorAnswers(400, 401, 429, 500, 503) },
})

const releaseRoute = createRoute({
  method: 'post',
  path: '/v1/holds/{id}/release',
  operationId: 'releaseHold',
  tags,
  summary: 'End a hold: hosts launch there again, and failures are counted anew',
  security,
  request: { params: holdParams, body: jsonBody(whyBody) },
  responses: {
    200: jsonAnswer('The hold, closed', holdView),
    ...errorAnswers(400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 500, 503),
  },
})

/** Reading and ending holds. */
export function holdRoutes({ deps, auth }: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const viewer = [viewerGuard(auth.authenticate)]
  const operator = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]

  app.openapi({ ...listRoute, middleware: viewer }, async (c) => {
    const { includeClosed, limit } = c.req.valid('query')
    const filter = { includeClosed: includeClosed === 'true', ...(limit !== undefined && { limit }) }
    return c.json({ holds: await readHolds(deps, filter) }, 200)
  })
  app.openapi({ ...releaseRoute, middleware: operator }, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await releaseHold(deps, Number(id), c.req.valid('json').why, askerOf(c)), 200)
  })
  return app
}
