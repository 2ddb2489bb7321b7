import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { invalid } from '../errors.ts'
import type { OperatorContext } from '../operator/context.ts'
import { explain } from '../operator/explain.ts'
import { holdParams } from '../operator/hold-schemas.ts'
import { readHolds } from '../operator/holds.ts'
import { readAudit } from '../operator/audit.ts'
import { auditQuery } from '../operator/audit-schemas.ts'
import { idOf, readFleet, readFleets, readHost, readHosts } from '../operator/read.ts'
import { fleetParams, hostParams, hostsQuery } from '../operator/schemas.ts'
import { viewEvidence, viewHost } from '../operator/views.ts'
import type { HostView } from '../operator/views.ts'
import { askStore } from '../store-call.ts'
import { auditPage } from './audit-page.ts'
import { confirmPage } from './confirm-page.ts'
import { fleetPage } from './fleet-page.ts'
import { fleetsPage } from './fleets-page.ts'
import type { Html } from './format.ts'
import { releasePage } from './holds-section.ts'
import type { HostActionKind } from './host-actions.ts'
import { hostPage } from './host-page.ts'
import { sendPage } from './layout.ts'
import type { FormSecrets } from './secrets.ts'

const HOSTS_PER_PAGE = 200
const RECENT_EVENTS = 30
const STORY_EVENTS = 300

/** `/` */
export async function showFleets(context: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { deps } = context
  const [fleets, holds, events] = await Promise.all([
    readFleets(deps),
    readHolds(deps),
    askStore('give the journal', () => deps.store.journal.list({ limit: RECENT_EVENTS })),
  ])
  const mayChange = c.get('actor').role === 'operator'
  const page = { fleets, holds, events, mayChange, done: c.req.query('done'), now: deps.clock() }
  return await show(context, c, 'Fleets', fleetsPage(page))
}

/** An empty field of a filter form is no filter. */
const withoutEmpty = (query: Record<string, string>) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''))

const filterQuery = z.preprocess(
  withoutEmpty,
  hostsQuery.pick({ phase: true, search: true, after: true }).extend({ done: z.string().max(20).optional() }),
)

/** `/audit` */
export async function showAudit(context: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { deps } = context
  const parsed = auditQuery.safeParse(withoutEmpty(c.req.query()))
  if (!parsed.success) throw invalid('the query', parsed.error)
  const { target, who } = parsed.data
  const content = auditPage({ ...(await readAudit(deps, parsed.data)), target, who, now: deps.clock() })
  return await show(context, c, 'Audit', content)
}

/** `/fleets/{name}` */
export async function showFleet(context: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { deps } = context
  const { name } = readPath(c, fleetParams)
  const parsed = filterQuery.safeParse(c.req.query())
  if (!parsed.success) throw invalid('the query', parsed.error)
  const { phase, search, after, done } = parsed.data
  const fleet = await readFleet(deps, name)
  const explanation = await explain(deps, name)
  if (fleet === undefined || explanation === undefined) {
    throw new MusterError('not_found', `There is no fleet ${name}.`)
  }
  const { hosts, next } = await readHosts(deps, {
    fleet: name,
    limit: HOSTS_PER_PAGE,
    includeRetired: phase === 'retired',
    ...(phase === undefined ? {} : { phases: [phase] }),
    ...(search === undefined ? {} : { search }),
    ...(after === undefined ? {} : { after }),
  })
  const content = fleetPage({
    fleet,
    hosts,
    explanation,
    filter: { phase, search, after },
    done,
    now: deps.clock(),
    ...(next === undefined ? {} : { next }),
    ...(c.get('actor').role === 'operator' ? { secrets: secretsOf(c) } : {}),
  })
  return await show(context, c, name, content)
}

/** `/hosts/{fleet}/{slot}` */
export async function showHost(context: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { deps } = context
  const host = await hostOf(context, c)
  const [events, evidence] = await askStore('give the journal', () =>
    Promise.all([
      deps.store.journal.list({ host: host.host, limit: STORY_EVENTS }),
      deps.store.evidence.list(host.host),
    ]),
  )
  const mayChange = c.get('actor').role === 'operator'
  const page = {
    host,
    events,
    evidence: evidence.map(viewEvidence),
    mayChange,
    done: c.req.query('done'),
    now: deps.clock(),
  }
  return await show(context, c, host.host, hostPage(page))
}

/** `/hosts/{fleet}/{slot}/{action}` */
export async function showConfirm(
  context: OperatorContext,
  c: Context<AppEnv>,
  kind: HostActionKind,
): Promise<Response> {
  const host = await hostOf(context, c)
  const content = confirmPage(kind, host, secretsOf(c), context.deps.clock())
  return await show(context, c, `${kind} ${host.host}`, content)
}

/** `/holds/{id}/release` */
export async function showRelease(context: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  const { deps } = context
  const id = Number(readPath(c, holdParams).id)
  const hold = (await readHolds(deps, { limit: 1_000 })).find((row) => row.id === id)
  if (hold === undefined) throw new MusterError('not_found', `There is no open hold ${id}.`)
  return await show(context, c, `Release hold ${id}`, releasePage(hold, secretsOf(c), deps.clock()))
}

/** A path that names nothing possible is a page that does not exist. */
export function readPath<Schema extends z.ZodType>(c: Context<AppEnv>, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(c.req.param())
  if (!parsed.success) throw new MusterError('not_found', `There is nothing at ${c.req.path}.`)
  return parsed.data
}

async function hostOf({ deps }: OperatorContext, c: Context<AppEnv>): Promise<HostView> {
  const id = idOf(readPath(c, hostParams))
  const row = await readHost(deps, id)
  if (row === undefined) throw new MusterError('not_found', `There is no host ${id}.`)
  return viewHost(deps, row)
}

/** A program with a bearer token may look at pages; its forms would be refused. */
function secretsOf(c: Context<AppEnv>): FormSecrets {
  return { form: c.get('actor').formToken ?? '', key: randomUUID() }
}

async function show(
  { deps }: OperatorContext,
  c: Context<AppEnv>,
  title: string,
  content: Html,
): Promise<Response> {
  const { controller, temporalUiUrl } = deps
  const page = { title, content, actor: c.get('actor'), controller }
  return await sendPage(c, temporalUiUrl === undefined ? page : { ...page, temporalUiUrl })
}
