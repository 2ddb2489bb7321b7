import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { askerOf } from './asker.ts'
import type { OperatorContext } from './context.ts'
import { operatorGuard, viewerGuard } from './guard.ts'
import { readSchedule, readSchedules } from './read-schedules.ts'
import { onSchedule } from './schedule-actions.ts'
import {
  backfillBody,
  scheduleAnswer,
  scheduleParams,
  schedulesAnswer,
  scheduleView,
  scheduleWhyBody,
} from './schedule-schemas.ts'
import { idempotencyHeaders } from './schemas.ts'

const tags = ['schedules']
const security = [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }]
const READ_ERRORS = [401, 409, 429, 500, 503] as const
const CHANGE_ERRORS = [400, 401, 403, 404, 409, 411, 413, 415, 429, 500, 503] as const

const listRoute = createRoute({
  method: 'get',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  tags,
  summary: 'Schedules with their next times and last runs',
  security,
  responses: { 200: jsonAnswer('All schedules by name', schedulesAnswer), ...errorAnswers(...READ_ERRORS) },
})

const getRoute = createRoute({
  method: 'get',
  path: '/v1/schedules/{name}',
  operationId: 'getSchedule',
  tags,
  summary: 'One schedule with its last runs',
  security,
  request: { params: scheduleParams },
  responses: { 200: jsonAnswer('The schedule', scheduleView), ...errorAnswers(...READ_ERRORS, 400, 404) },
})

const whyRoute = <Kind extends 'pause' | 'resume' | 'trigger'>(kind: Kind, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/schedules/{name}/${kind}` as const,
    operationId: `${kind}Schedule`,
    tags,
    summary,
    security,
    request: { params: scheduleParams, headers: idempotencyHeaders, body: jsonBody(scheduleWhyBody) },
    responses: { 200: jsonAnswer('Done', scheduleAnswer), ...errorAnswers(...CHANGE_ERRORS) },
  })

const pauseRoute = whyRoute('pause', 'Skip its firings until resumed')
const resumeRoute = whyRoute('resume', 'Go on after a pause')
const triggerRoute = whyRoute('trigger', 'Fire once, now')

const backfillRoute = createRoute({
  method: 'post',
  path: '/v1/schedules/{name}/backfill',
  operationId: 'backfillSchedule',
  tags,
  summary: 'Fire for each time between two instants, as if it were then',
  security,
  request: { params: scheduleParams, headers: idempotencyHeaders, body: jsonBody(backfillBody) },
  responses: { 200: jsonAnswer('Under way', scheduleAnswer), ...errorAnswers(...CHANGE_ERRORS) },
})

/** Reading schedules and what people do to them. What they are is said by the config. */
export function scheduleRoutes({ deps, auth }: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const viewer = [viewerGuard(auth.authenticate)]
  const operator = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]

  app.openapi({ ...listRoute, middleware: viewer }, async (c) => {
    return c.json({ schedules: await readSchedules(deps) }, 200)
  })
  app.openapi({ ...getRoute, middleware: viewer }, async (c) => {
    const { name } = c.req.valid('param')
    const schedule = await readSchedule(deps, name)
    if (schedule === undefined) {
      throw new MusterError('not_found', `there is no schedule ${name}; see GET /v1/schedules`)
    }
    return c.json(schedule, 200)
  })
  app.openapi({ ...pauseRoute, middleware: operator }, async (c) => {
    const action = { kind: 'pause' as const, ...c.req.valid('json') }
    return c.json(await onSchedule(deps, c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...resumeRoute, middleware: operator }, async (c) => {
    const action = { kind: 'resume' as const, ...c.req.valid('json') }
    return c.json(await onSchedule(deps, c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...triggerRoute, middleware: operator }, async (c) => {
    const action = { kind: 'trigger' as const, ...c.req.valid('json') }
    return c.json(await onSchedule(deps, c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...backfillRoute, middleware: operator }, async (c) => {
    const action = { kind: 'backfill' as const, ...c.req.valid('json') }
    return c.json(await onSchedule(deps, c.req.valid('param').name, action, askerOf(c)), 200)
  })
  return app
}
