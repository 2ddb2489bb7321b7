import { OpenAPIHono } from '@hono/zod-openapi'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { lengthGuard } from '../length-guard.ts'
import { askStore } from '../store-call.ts'
import { askerOf } from './asker.ts'
import type { OperatorContext } from './context.ts'
import { evidenceResponse } from './evidence.ts'
import { operatorGuard, viewerGuard } from './guard.ts'
import * as routes from './host-route-table.ts'
import { idOf, readHost, readHosts } from './read.ts'
import { viewEvent, viewEvidence, viewHost } from './views.ts'

/** Reading and changing hosts. */
export function hostRoutes(context: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  addReads(app, context)
  addActions(app, context)
  return app
}

function addReads(app: OpenAPIHono<AppEnv>, { deps, auth }: OperatorContext): void {
  const middleware = [viewerGuard(auth.authenticate)]
  app.openapi({ ...routes.listHostsRoute, middleware }, async (c) => {
    const { phase, includeRetired, limit = 100, fleet, search, after } = c.req.valid('query')
    const filter = {
      limit,
      includeRetired: includeRetired === 'true' || phase === 'retired',
      ...(fleet === undefined ? {} : { fleet }),
      ...(phase === undefined ? {} : { phases: [phase] }),
      ...(search === undefined ? {} : { search }),
      ...(after === undefined ? {} : { after }),
    }
    return c.json(await readHosts(deps, filter), 200)
  })
  app.openapi({ ...routes.getHostRoute, middleware }, async (c) => {
    return c.json(viewHost(deps, await existing(deps, idOf(c.req.valid('param')))), 200)
  })
  app.openapi({ ...routes.journalRoute, middleware }, async (c) => {
    const { generation, before, limit = 100 } = c.req.valid('query')
    const { host } = await existing(deps, idOf(c.req.valid('param')))
    const filter = {
      host,
      limit,
      ...(generation === undefined ? {} : { generation }),
      ...(before === undefined ? {} : { before }),
    }
    const rows = await askStore('give the journal', () => deps.store.journal.list(filter))
    const last = rows.length === limit ? rows.at(-1) : undefined
    return c.json({ events: rows.map(viewEvent), ...(last === undefined ? {} : { next: last.id }) }, 200)
  })
  app.openapi({ ...routes.evidenceListRoute, middleware }, async (c) => {
    const { host } = await existing(deps, idOf(c.req.valid('param')))
    const rows = await askStore('list the evidence', () => deps.store.evidence.list(host))
    return c.json({ evidence: rows.map(viewEvidence) }, 200)
  })
  app.openapi({ ...routes.evidenceFileRoute, middleware }, async (c) => {
    const { generation, attempt, kind, ...params } = c.req.valid('param')
    const host = idOf(params)
    const row = await askStore('give the evidence', () =>
      deps.store.evidence.get(host, generation, Number(attempt), kind),
    )
    if (row === undefined)
      throw new MusterError('not_found', `no ${kind} was taken of attempt ${attempt} of ${host}`)
    return evidenceResponse(row)
  })
}

function addActions(app: OpenAPIHono<AppEnv>, { deps, auth, actions }: OperatorContext): void {
  const middleware = [operatorGuard(auth.authenticate, deps.publicUrl), lengthGuard('application/json')]
  app.openapi({ ...routes.drainRoute, middleware }, async (c) => {
    const action = { kind: 'drain' as const, ...c.req.valid('json') }
    return c.json(await actions.onHost(idOf(c.req.valid('param')), action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.replaceRoute, middleware }, async (c) => {
    const action = { kind: 'replace' as const, ...withDrain(c.req.valid('json')) }
    return c.json(await actions.onHost(idOf(c.req.valid('param')), action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.retireRoute, middleware }, async (c) => {
    const action = { kind: 'retire' as const, ...withDrain(c.req.valid('json')) }
    return c.json(await actions.onHost(idOf(c.req.valid('param')), action, askerOf(c)), 200)
  })
  app.openapi({ ...routes.preserveRoute, middleware }, async (c) => {
    const action = { kind: 'preserve' as const, ...c.req.valid('json') }
    return c.json(await actions.onHost(idOf(c.req.valid('param')), action, askerOf(c)), 200)
  })
}

async function existing(deps: OperatorContext['deps'], id: string) {
  const row = await readHost(deps, id)
  if (row === undefined) throw new MusterError('not_found', `there is no host ${id}; see GET /v1/hosts`)
  return row
}

/** Left out is as good as true: the workflow's own default. */
const withDrain = ({ why, drain }: { why: string; drain?: boolean | undefined }) => ({
  why,
  drain: drain ?? true,
})
