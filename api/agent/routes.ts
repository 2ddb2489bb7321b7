import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MusterError } from '../../domain/errors.ts'
import type { HeartbeatRequest, StartedRequest } from '../../domain/wire.ts'
import type { ClientAddress } from '../client-address.ts'
import type { AppEnv } from '../deps.ts'
import { invalid } from '../errors.ts'
import { requireSmallBody } from '../length-guard.ts'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { createRateLimit } from '../rate.ts'
import { wholeBody } from '../whole-body.ts'
import { createDoor, refuseTooOften, SIGNAL_RATE } from './auth.ts'
import type { AgentContext } from './context.ts'
import { acceptDrained } from './drained.ts'
import { acceptHeartbeat } from './heartbeat.ts'
import { acceptLegacyStatus } from './legacy-status.ts'
import {
  accepted,
  drainedRequest,
  fromJson,
  heartbeatAnswer,
  heartbeatRequest,
  legacyStatusRequest,
  startedAnswer,
  startedRequest,
} from './schemas.ts'
import { acceptStarted } from './started.ts'

/** What old clients say once they run. */
const STARTED = 2
const BODY_ERRORS = [400, 411, 413, 415] as const
const security = [{ [SECURITY.agent]: [] }]

const startedRoute = createRoute({
  method: 'post',
  path: '/v1/agent/started',
  operationId: 'agentStarted',
  tags: ['agent'],
  summary: 'The instance has booted and its agent runs',
  security,
  request: { body: jsonBody(startedRequest) },
  responses: {
    202: jsonAnswer('Passed on to the host; what to run', startedAnswer),
    ...errorAnswers(...BODY_ERRORS, 401, 409, 410, 429, 500, 503),
  },
})

const heartbeatRoute = createRoute({
  method: 'post',
  path: '/v1/agent/heartbeat',
  operationId: 'agentHeartbeat',
  tags: ['agent'],
  summary: 'One beat; its answer carries commands',
  security,
  request: { body: jsonBody(heartbeatRequest) },
  responses: {
    200: jsonAnswer('Taken; commands not yet acknowledged, oldest first', heartbeatAnswer),
    ...errorAnswers(...BODY_ERRORS, 401, 410, 429, 500, 503),
  },
})

const drainedRoute = createRoute({
  method: 'post',
  path: '/v1/agent/drained',
  operationId: 'agentDrained',
  tags: ['agent'],
  summary: 'The workload has ended and none will be taken',
  security,
  request: { body: jsonBody(drainedRequest) },
  responses: {
    202: jsonAnswer('Passed on to the host', accepted),
    ...errorAnswers(...BODY_ERRORS, 401, 410, 429, 500, 503),
  },
})

const legacyRoute = createRoute({
  method: 'post',
  path: '/v1/hosts/status',
  operationId: 'hostStatus',
  tags: ['agent'],
  summary: 'Clients that know only their private address: status 2 means started',
  request: { body: jsonBody(legacyStatusRequest) },
  responses: {
    202: jsonAnswer('Passed on to the host, or kept until the address is known', accepted),
    ...errorAnswers(...BODY_ERRORS, 403, 404, 410, 429, 500, 503),
  },
})

/**
 * What agents post. Each goes the same short way: token and rate, length and type, body, handler. No chain of
 * middlewares: a beat comes from every host every few seconds, and each link costs a promise or two.
 */
export function agentRoutes(
  context: AgentContext,
  addressOf: (c: Context<AppEnv>) => ClientAddress,
): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>()
  const admit = createDoor(context.deps)
  const takeReport = createRateLimit(context.deps.agentRate ?? SIGNAL_RATE)
  for (const route of [startedRoute, heartbeatRoute, drainedRoute, legacyRoute]) {
    app.openAPIRegistry.registerPath(route)
  }
  app.post(startedRoute.path, async function postStarted(c) {
    const agent = admit(c, 'signal')
    const request = fromJson<StartedRequest>(await readBody(c, startedRequest))
    return c.json(await acceptStarted(context, agent, request), 202)
  })
  app.post(heartbeatRoute.path, async function postHeartbeat(c) {
    const agent = admit(c, 'beat')
    const beat = fromJson<HeartbeatRequest>(await readBody(c, heartbeatRequest))
    // A notice goes on as a signal.
    if (beat.reclaimAt !== undefined) admit(c, 'signal')
    return c.json(await acceptHeartbeat(context, agent, beat), 200)
  })
  app.post(drainedRoute.path, async function postDrained(c) {
    const agent = admit(c, 'signal')
    await readBody(c, drainedRequest)
    await acceptDrained(context, agent)
    return c.json({}, 202)
  })
  app.post(legacyRoute.path, async function postStatus(c) {
    if (context.deps.identity.privateIp !== 'allow') {
      throw new MusterError('not_found', 'this API knows no hosts by address; identity.privateIp is off')
    }
    const request = await readBody(c, legacyStatusRequest)
    const { source } = addressOf(c)
    if (request.status === STARTED) refuseTooOften(source, takeReport(source, context.deps.clock()))
    await acceptLegacyStatus(context, source, request)
    return c.json({}, 202)
  })
  return app
}

/** @throws MusterError `bad_request` naming each wrong field; what `requireSmallBody` throws */
async function readBody<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
): Promise<z.output<Schema>> {
  requireSmallBody(c, 'application/json')
  const result = schema.safeParse(parseJson(await wholeBody(c.req.text())))
  if (!result.success) throw invalid('the body', result.error)
  return result.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MusterError('bad_request', 'the request body is not valid JSON', { cause: error })
  }
}
