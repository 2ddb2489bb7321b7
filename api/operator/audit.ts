import { createRoute, OpenAPIHono, type z } from '@hono/zod-openapi'
import type { ApiDeps, AppEnv } from '../deps.ts'
import { refuseInvalid } from '../errors.ts'
import { errorAnswers, jsonAnswer, SECURITY } from '../openapi.ts'
import { askStore } from '../store-call.ts'
import { auditAnswer, auditQuery } from './audit-schemas.ts'
import type { OperatorContext } from './context.ts'
import { viewerGuard } from './guard.ts'

export type AuditPage = z.output<typeof auditAnswer>

const listRoute = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  tags: ['audit'],
  summary: 'Who changed what, and why',
  security: [{ [SECURITY.operator]: [] }, { [SECURITY.session]: [] }],
  request: { query: auditQuery },
  responses: { 200: jsonAnswer('The newest first', auditAnswer), ...errorAnswers(400, 401, 429, 500, 503) },
})

/** Reading the audit. */
export function auditRoutes({ deps, auth }: OperatorContext): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseInvalid })
  const middleware = [viewerGuard(auth.authenticate)]
  app.openapi({ ...listRoute, middleware }, async (c) =>
    c.json(await readAudit(deps, c.req.valid('query')), 200),
  )
  return app
}

/** One page of the audit; `next` is the cursor of the following one. */
export async function readAudit(
  { store }: ApiDeps,
  { target, who, before, limit = 100 }: z.output<typeof auditQuery>,
): Promise<AuditPage> {
  const filter = {
    limit,
    ...(target !== undefined && { target }),
    ...(who !== undefined && { who }),
    ...(before !== undefined && { before }),
  }
  const rows = await askStore('give the audit', () => store.audit.list(filter))
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    entries: rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() })),
    ...(last !== undefined && { next: last.id }),
  }
}
