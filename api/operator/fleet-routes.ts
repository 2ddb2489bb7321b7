import { OpenAPIHono } from '@hono/zod-openapi'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { askStore } from '../store-call.ts'
import type { OperatorContext } from './context.ts'
import { askerOf } from './asker.ts'
import { explain } from './explain.ts'
import * as routes from './fleet-route-table.ts'
import { operatorGuard, viewerGuard } from './guard.ts'
import { readFleet, readFleets } from './read.ts'
import { viewSpec } from './views.ts'

/** Reading and changing fleets. */
export function fleetRoutes(context: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  addReads(app, context)
  addWork(app, context)
  addRollouts(app, context)
  return app
}

function addReads(app: OpenAPIHono<AppEnv>, { deps, auth }: OperatorContext): void {
  const middleware = [viewerGuard(auth.authenticate)]
  app.openapi({ ...routes.listFleetsRoute, middleware }, async (c) => {
    return c.json({ fleets: await readFleets(deps) }, 200)
  })
  app.openapi({ ...routes.getFleetRoute, middleware }, async (c) => {
    const { name } = c.req.valid('param')
    const fleet = await readFleet(deps, name)
    if (fleet === undefined) throw unknownFleet(name)
    const spec = await askStore('give the spec', () => deps.store.specs.get(fleet.specHash))
    const shown = spec && viewSpec(spec, c.get('actor').role)
    return c.json({ ...fleet, ...(shown === undefined ? {} : { spec: shown }) }, 200)
  })
  app.openapi({ ...routes.explainRoute, middleware }, async (c) => {
    const { name } = c.req.valid('param')
    const told = await explain(deps, name)
    if (told === undefined) throw unknownFleet(name)
    return c.json(told, 200)
  })
}

const unknownFleet = (name: string): MusterError =>
  new MusterError('not_found', `there is no fleet ${name}; see GET /v1/fleets`)

function addWork(app: OpenAPIHono<AppEnv>, { deps, auth, actions }: OperatorContext): void {
  const middleware = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]
  app.openapi({ ...routes.resizeRoute, middleware }, async (c) => {
    const action = { kind: 'resize' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.pauseRoute, middleware }, async (c) => {
    const action = { kind: 'pause' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.resumeRoute, middleware }, async (c) => {
    const action = { kind: 'resume' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.markRoute, middleware }, async (c) => {
    const action = { kind: 'mark' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.unmarkRoute, middleware }, async (c) => {
    const action = { kind: 'unmark' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
}

function addRollouts(app: OpenAPIHono<AppEnv>, { deps, auth, actions }: OperatorContext): void {
  const middleware = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]
  app.openapi({ ...routes.rollRoute, middleware }, async (c) => {
    const { why, force } = c.req.valid('json')
    const action = { kind: 'roll' as const, why, ...(force !== undefined && { force }) }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.rollbackRoute, middleware }, async (c) => {
    const action = { kind: 'rollback' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.overrideFreezeRoute, middleware }, async (c) => {
    const action = { kind: 'overrideFreeze' as const, ...c.req.valid('json') }
    return c.json(await actions.onFleet(c.req.valid('param').name, action, askerOf(c)), 200)
  })
}
