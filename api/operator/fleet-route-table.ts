import { createRoute } from '@hono/zod-openapi'
import { errorAnswers, jsonAnswer, jsonBody, SECURITY } from '../openapi.ts'
import { explanation, markBody, overrideBody, rollBody } from './fleet-schemas.ts'
import {
  fleetAnswer,
  fleetDetail,
  fleetParams,
  fleetsAnswer,
  idempotencyHeaders,
  resizeBody,
  whyBody,
} from './schemas.ts'

const tags = ['fleets']
const security = [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }]
const readErrors = errorAnswers(400, 401, 404, 429, 500, 503)
const changeErrors = errorAnswers(400, 401, 403, 404, 410, 411, 413, 415, 422, 429, 500, 503, 504)
const FLEET_PATH = '/v1/fleets/{name}'

export const listFleetsRoute = createRoute({
  method: 'get',
  path: '/v1/fleets',
  operationId: 'listFleets',
  tags,
  summary: 'Fleets, wanted and actual',
  security,
  responses: { 200: jsonAnswer('All fleets by name', fleetsAnswer), ...errorAnswers(401, 429, 500, 503) },
})

export const getFleetRoute = createRoute({
  method: 'get',
  path: FLEET_PATH,
  operationId: 'getFleet',
  tags,
  summary: 'One fleet with its spec',
  security,
  request: { params: fleetParams },
  responses: { 200: jsonAnswer('The fleet', fleetDetail), ...readErrors },
})

export const explainRoute = createRoute({
  method: 'get',
  path: `${FLEET_PATH}/explain`,
  operationId: 'explainFleet',
  tags,
  summary:
    'Why the fleet is as it is: each missing host with its reason, what comes next, what a person can do',
  security,
  request: { params: fleetParams },
  responses: { 200: jsonAnswer('In words', explanation), ...readErrors },
})

export const resizeRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/resize`,
  operationId: 'resizeFleet',
  tags,
  summary: 'Change the desired number of hosts',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(resizeBody) },
  responses: { 200: jsonAnswer('What the fleet wants now', fleetAnswer), ...changeErrors },
})

export const pauseRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/pause`,
  operationId: 'pauseFleet',
  tags,
  summary: 'Start and retire no hosts until resumed',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('Paused', fleetAnswer), ...changeErrors },
})

export const resumeRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/resume`,
  operationId: 'resumeFleet',
  tags,
  summary: 'Go on after a pause',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('Resumed', fleetAnswer), ...changeErrors },
})

export const rollRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/roll`,
  operationId: 'rollFleet',
  tags,
  summary: 'Replace hosts of an older spec in turn; with force all hosts',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(rollBody) },
  responses: { 200: jsonAnswer('The rollout begins', fleetAnswer), ...changeErrors },
})

export const rollbackRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/rollback`,
  operationId: 'rollBackFleet',
  tags,
  summary: 'Return to the former spec, and replace the hosts that run another',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(whyBody) },
  responses: { 200: jsonAnswer('The way back begins', fleetAnswer), ...changeErrors },
})

export const overrideFreezeRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/override-freeze`,
  operationId: 'overrideFreeze',
  tags,
  summary: 'Act for a time although too many hosts are silent at once',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(overrideBody) },
  responses: { 200: jsonAnswer('Overridden', fleetAnswer), ...changeErrors },
})

export const markRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/mark`,
  operationId: 'markHosts',
  tags,
  summary: 'Name hosts that go first when the fleet shrinks',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(markBody) },
  responses: { 200: jsonAnswer('Marked', fleetAnswer), ...changeErrors },
})

export const unmarkRoute = createRoute({
  method: 'post',
  path: `${FLEET_PATH}/unmark`,
  operationId: 'unmarkHosts',
  tags,
  summary: 'Take such marks back',
  security,
  request: { params: fleetParams, headers: idempotencyHeaders, body: jsonBody(markBody) },
  responses: { 200: jsonAnswer('Marks taken back', fleetAnswer), ...changeErrors },
})
