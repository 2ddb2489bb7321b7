/**
 * An emulator of the Statuspage API v1 (Atlassian), at /v1 of the emulated cloud.
 *
 * Gaps: what the service has and this has not.
 * - Other calls than those of operations.ts answer 404: metrics, subscribers, templates, postmortems, component groups,
 *   users, lists of scheduled incidents.
 * - Scheduled incidents are kept, and change their state only on request. Nobody is notified; each update says whether
 *   somebody would have been.
 * - Every known key may do everything with every page.
 *
 * By design: where it differs on purpose, or where the documentation is silent.
 * - Plain HTTP, on loopback.
 * - Words of errors, and that what the rate limit refuses does not count towards it, are our reading.
 * - An incident that was resolved takes further updates, as the service does for its pages.
 *
 * Client quirks: what real clients do, and so works here.
 * - `.json` at the end of every path, the key as `?api_key=`, PUT for PATCH, forms instead of JSON.
 */
import type { Outcome } from '../dispatch.ts'
import { CloudError } from '../errors.ts'
import type { CallEffect, FaultState } from '../faults/faults.ts'
import { strike } from '../faults/strike.ts'
import type { Reply } from '../format/reply.ts'
import type { Recorder } from '../recorder.ts'
import { header, type ApiRequest } from '../request.ts'
import { findOperation, STATUSPAGE_OPERATIONS } from './operations.ts'
import { readBody } from './read-body.ts'
import { notFound, Refusal } from './refusal.ts'
import { createRollingLimit } from './rolling-limit.ts'
import { plant, type StatuspageSeed } from './seed.ts'
import { createPageState, type PageJournal, type PageState, type Saved } from './state.ts'

export const STATUSPAGE_PREFIX = '/v1/'

/** The key everybody may know: it opens nothing but an emulator on loopback. */
export const DEFAULT_STATUSPAGE_KEY = 'statuspage-key-of-nothing'

/** There from the beginning, so that a client has something to talk to. */
const DEFAULT_PAGE: StatuspageSeed['pages'][number] = {
  id: 'emulatedpage',
  name: 'Emulated status page',
  components: [{ id: 'emulatedpart', name: 'Fleet', status: 'operational' }],
}

/** The API asks for one request a second. */
const REQUESTS_PER_MINUTE = 60

export interface Statuspage {
  readonly state: PageState
  requestsPerMinute: number
  seed(seed: StatuspageSeed): void
  dispatch(request: ApiRequest): Promise<Outcome>
}

export interface StatuspageOptions {
  keys: readonly string[]
  newId: () => string
  nowMs: () => number
  recorder: Recorder
  fault: (action: string) => (FaultState & { effect: CallEffect }) | undefined
  saved: Saved
  journal: PageJournal
  log: (event: { message: string }) => void
}

export function createStatuspage(options: StatuspageOptions): Statuspage {
  const { nowMs } = options
  const state = createPageState(options.saved, options.newId, options.journal)
  if (state.pages.size === 0) plant(state, { pages: [DEFAULT_PAGE] }, nowMs())
  const limit = createRollingLimit(nowMs, () => statuspage.requestsPerMinute)
  const statuspage: Statuspage = {
    state,
    requestsPerMinute: REQUESTS_PER_MINUTE,
    seed(seed) {
      plant(state, seed, nowMs())
      statuspage.requestsPerMinute = seed.requestsPerMinute ?? statuspage.requestsPerMinute
    },
    dispatch: (request) => dispatch({ ...options, state, limit }, request),
  }
  return statuspage
}

interface Context extends StatuspageOptions {
  state: PageState
  limit: ReturnType<typeof createRollingLimit>
}

/** One call from request to answer: key, rate, path, fault, fields. */
async function dispatch(context: Context, request: ApiRequest): Promise<Outcome> {
  const startedAt = context.nowMs()
  const record = { action: '(statuspage)', parameters: {}, faultId: undefined as string | undefined }
  let outcome: Outcome
  try {
    context.limit.take(keyOf(context, request))
    const { pageId, action, id } = route(context.state, request)
    record.action = action
    const body = readBody(request)
    record.parameters = { page: pageId, ...(id && { id }), body: JSON.stringify(body) }
    const fault = context.fault(action)
    record.faultId = fault?.id
    const operation = STATUSPAGE_OPERATIONS[action]
    const query = new URLSearchParams(request.query)
    const call = { state: context.state, pageId, id, query, body }
    outcome = await strike(
      fault,
      async () => ({ answer: operation.handle({ ...call, nowMs: context.nowMs() }) }),
      ({ answer }) => reply(operation.status, answer),
    )
  } catch (error) {
    outcome = { kind: 'reply', reply: refusalReply(context, error) }
  }
  const status = outcome.kind === 'reply' ? outcome.reply.status : 0
  context.recorder.add({
    ...record,
    accessKeyId: '',
    at: new Date(startedAt).toISOString(),
    status,
    outcome: outcome.kind === 'reply' ? (status < 400 ? 'OK' : `HTTP ${status}`) : outcome.kind,
    requestId: '',
    durationMs: context.nowMs() - startedAt,
  })
  return outcome
}

function keyOf({ keys }: Context, request: ApiRequest): string {
  const [, sent] = /^OAuth\s+(.+)$/i.exec(header(request, 'authorization') ?? '') ?? []
  const key = sent ?? new URLSearchParams(request.query).get('api_key') ?? ''
  if (keys.includes(key)) return key
  throw new Refusal(401, 'Could not authenticate')
}

function route(state: PageState, { method, path }: ApiRequest) {
  const [, page = '', rest = ''] = /^\/v1\/pages\/([^/]+)\/?(.*)$/.exec(path.replace(/\.json$/, '')) ?? []
  const pageId = decoded(page)
  if (!state.pages.has(pageId)) throw notFound()
  const { action, id } = findOperation(method, rest)
  return { pageId, action, id: decoded(id) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // No id has half a percent sign: it names nothing.
    throw notFound()
  }
}

function reply(status: number, answer: unknown, headers: Record<string, string> = {}): Reply {
  const body = answer === undefined ? '' : JSON.stringify(answer)
  return { status, contentType: 'application/json; charset=utf-8', headers, body }
}

function refusalReply({ log }: Context, error: unknown): Reply {
  if (error instanceof Refusal) return reply(error.status, { error: error.said }, { ...error.headers })
  // A fault that somebody has set: throttled is 420 here.
  if (error instanceof CloudError) {
    const after = error.headers['x-acs-retry-after']
    const isThrottled = error.code.startsWith('Throttling')
    const headers = after === undefined ? {} : { 'retry-after': String(Math.ceil(Number(after) / 1_000)) }
    return reply(isThrottled ? 420 : error.status, { error: error.message }, headers)
  }
  log({ message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  return reply(500, { error: `the emulator itself failed: ${String(error)}` })
}
