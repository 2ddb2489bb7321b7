import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MusterError } from '../../domain/errors.ts'
import type { HeartbeatRequest, StartedRequest } from '../../domain/wire.ts'
import type { ClientAddress } from '../client-address.ts'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { agentGuard } from './auth.ts'
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
    ...errorAnswers(...BODY_ERRORS, 403, 404, 410, 500, 503),
  },
})

/** What agents post. Each is guarded by length, token and rate before its body is read. */
export function agentRoutes(
  context: AgentContext,
  addressOf: (c: Context<AppEnv>) => ClientAddress,
): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const guards = [agentGuard(context.deps), lengthGuard('application/json')]

  app.openapi({ ...startedRoute, middleware: guards }, async (c) => {
    const answer = await acceptStarted(context, c.get('agent'), fromJson<StartedRequest>(c.req.valid('json')))
    return c.json(answer, 202)
  })
  app.openapi({ ...heartbeatRoute, middleware: guards }, async (c) => {
    const answer = await acceptHeartbeat(
      context,
      c.get('agent'),
      fromJson<HeartbeatRequest>(c.req.valid('json')),
    )
    return c.json(answer, 200)
  })
  app.openapi({ ...drainedRoute, middleware: guards }, async (c) => {
    await acceptDrained(context, c.get('agent'))
    return c.json({}, 202)
  })
  const legacyGuards = [onlyWhenAllowed(context), lengthGuard('application/json')]
  app.openapi({ ...legacyRoute, middleware: legacyGuards }, async (c) => {
    await acceptLegacyStatus(context, addressOf(c).source, c.req.valid('json'))
    return c.json({}, 202)
  })
  return app
}

function onlyWhenAllowed({ deps }: AgentContext) {
  return async function requireAllowed(_c: Context<AppEnv>, next: () => Promise<void>): Promise<void> {
    if (deps.identity.privateIp !== 'allow') {
      throw new MusterError('not_found', 'this API knows no hosts by address; identity.privateIp is off')
    }
    await next()
  }
}
