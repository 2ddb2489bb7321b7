import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { askStore } from '../store-call.ts'
import type { OperatorContext } from './context.ts'
import { askerOf } from './asker.ts'
import { operatorGuard, viewerGuard } from './guard.ts'
import { readFleet, readFleets } from './read.ts'
import {
  fleetAnswer,
  fleetDetail,
  fleetParams,
  fleetsAnswer,
  idempotencyHeaders,
  resizeBody,
  whyBody,
} from './schemas.ts'
import { viewSpec } from './views.ts'

const tags = ['fleets']
const security = [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }]
const READ_ERRORS = [401, 429, 500, 503] as const
const CHANGE_ERRORS = [400, 401, 403, 404, 410, 411, 413, 415, 422, 429, 500, 503, 504] as const

const listRoute = createRoute({
  method: 'get',
  path: '/v1/fleets',
  operationId: 'listFleets',
  tags,
  summary: 'Fleets, wanted and actual',
  security,
  responses: { 200: jsonAnswer('All fleets by name', fleetsAnswer), ...errorAnswers(...READ_ERRORS) },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/fleets/{name}',
  operationId: 'getFleet',
  tags,
  summary: 'One fleet with its spec',
  security,
  request: { params: fleetParams },
  responses: { 200: jsonAnswer('The fleet', fleetDetail), ...errorAnswers(...READ_ERRORS, 400, 404) },
})

const resizeRoute = createRoute({
  method: 'post',
  path: '/v1/fleets/{name}/resize',
  operationId: 'resizeFleet',
  tags,
  summary: 'Change the desired number of hosts',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(resizeBody) },
  responses: { 200: jsonAnswer('What the fleet wants now', fleetAnswer), ...errorAnswers(...CHANGE_ERRORS) },
})

const pauseRoute = createRoute({
  method: 'post',
  path: '/v1/fleets/{name}/pause',
  operationId: 'pauseFleet',
  tags,
  summary: 'Start and retire no hosts until resumed',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('Paused', fleetAnswer), ...errorAnswers(...CHANGE_ERRORS) },
})

const resumeRoute = createRoute({
  method: 'post',
  path: '/v1/fleets/{name}/resume',
  operationId: 'resumeFleet',
  tags,
  summary: 'Go on after a pause',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('Resumed', fleetAnswer), ...errorAnswers(...CHANGE_ERRORS) },
})

/** Reading and changing fleets. */
export function fleetRoutes({ deps, auth, actions }: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const viewer = [viewerGuard(auth.authenticate)]
  const operator = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]

  app.openapi({ ...listRoute, middleware: viewer }, async (c) => {
    return c.json({ fleets: await readFleets(deps) }, 200)
  })
  app.openapi({ ...getRoute, middleware: viewer }, async (c) => {
    const { name } = c.req.valid('param')
    const fleet = await readFleet(deps, name)
    if (fleet === undefined)
      throw new MusterError('not_found', `there is no fleet ${name}; see GET /v1/fleets`)
    const spec = await askStore('give the spec', () => deps.store.specs.get(fleet.specHash))
    const shown = spec && viewSpec(spec, c.get('actor').role)
    return c.json({ ...fleet, ...(shown === undefined ? {} : { spec: shown }) }, 200)
  })
  app.openapi({ ...resizeRoute, middleware: operator }, async (c) => {
    const action = { kind: 'resize' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...pauseRoute, middleware: operator }, async (c) => {
    const action = { kind: 'pause' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...resumeRoute, middleware: operator }, async (c) => {
    const action = { kind: 'resume' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  return app
}
