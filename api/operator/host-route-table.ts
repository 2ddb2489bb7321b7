import { createRoute, z } from '@hono/zod-openapi'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import {
  endBody,
  evidenceAnswer,
  evidenceParams,
  hostAnswer,
  hostParams,
  hostView,
  hostsAnswer,
  hostsQuery,
  idempotencyHeaders,
  journalAnswer,
  journalQuery,
  preserveBody,
  whyBody,
} from './schemas.ts'

const tags = ['hosts']
const security = [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }]
const readErrors = errorAnswers(400, 401, 404, 429, 500, 503)
const changeErrors = errorAnswers(400, 401, 403, 404, 410, 411, 413, 415, 422, 429, 500, 503, 504)
const HOST_PATH = '/v1/hosts/{fleet}/{slot}'

export const listHostsRoute = createRoute({
  method: 'get',
  path: '/v1/hosts',
  operationId: 'listHosts',
  tags,
  summary: 'Hosts by id, a page at a time',
  security,
  request: { query: hostsQuery },
  responses: { 200: jsonAnswer('Hosts', hostsAnswer), ...errorAnswers(400, 401, 429, 500, 503) },
})

export const getHostRoute = createRoute({
  method: 'get',
  path: HOST_PATH,
  operationId: 'getHost',
  tags,
  summary: 'One host',
  security,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('The host', hostView), ...readErrors },
})

export const journalRoute = createRoute({
  method: 'get',
  path: `${HOST_PATH}/journal`,
  operationId: 'getJournal',
  tags,
  summary: 'What happened to a host, newest first',
  security,
  request: { params: hostParams, query: journalQuery },
  responses: { 200: jsonAnswer('Events', journalAnswer), ...readErrors },
})

export const evidenceListRoute = createRoute({
  method: 'get',
  path: `${HOST_PATH}/evidence`,
  operationId: 'listEvidence',
  tags,
  summary: 'Console texts, screenshots and system events taken of failed attempts',
  security,
  request: { params: hostParams },
  responses: { 200: jsonAnswer('What there is', evidenceAnswer), ...readErrors },
})

const file = z.string().openapi({ format: 'binary' })

export const evidenceFileRoute = createRoute({
  method: 'get',
  path: `${HOST_PATH}/evidence/{generation}/{attempt}/{kind}`,
  operationId: 'getEvidence',
  tags,
  summary: 'One piece of evidence as it was taken',
  security,
  request: { params: evidenceParams },
  responses: {
    200: {
      description: 'The content',
      content: {
        'text/plain': { schema: file },
        'application/json': { schema: z.unknown() },
        'image/png': { schema: file },
        'image/jpeg': { schema: file },
        'application/octet-stream': { schema: file },
      },
    },
    ...readErrors,
  },
})

export const drainRoute = createRoute({
  method: 'post',
  path: `${HOST_PATH}/drain`,
  operationId: 'drainHost',
  tags,
  summary: 'Take no new work, then make a new instance',
  security,
  request: { params: hostParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('The wish is noted', hostAnswer), ...changeErrors },
})

export const replaceRoute = createRoute({
  method: 'post',
  path: `${HOST_PATH}/replace`,
  operationId: 'replaceHost',
  tags,
  summary: 'Drain (unless told not to), delete, and make a new instance',
  security,
  request: { params: hostParams, headers: idempotencyHeaders, body: jsonBody(endBody) },
  responses: { 200: jsonAnswer('The wish is noted', hostAnswer), ...changeErrors },
})

export const retireRoute = createRoute({
  method: 'post',
  path: `${HOST_PATH}/retire`,
  operationId: 'retireHost',
  tags,
  summary: 'Drain (unless told not to), delete, and end the host',
  security,
  request: { params: hostParams, headers: idempotencyHeaders, body: jsonBody(endBody) },
  responses: { 200: jsonAnswer('The wish is noted', hostAnswer), ...changeErrors },
})

export const preserveRoute = createRoute({
  method: 'post',
  path: `${HOST_PATH}/preserve`,
  operationId: 'preserveHost',
  tags,
  summary: 'Keep the instance for a person to look at; the host moves on',
  security,
  request: { params: hostParams, headers: idempotencyHeaders, body: jsonBody(preserveBody) },
  responses: { 200: jsonAnswer('The wish is noted', hostAnswer), ...changeErrors },
})
