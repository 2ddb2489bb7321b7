import { isIP } from 'node:net'
import { MusterError } from '../../domain/errors.ts'
import type { Engine } from '../engine.ts'
import type { FaultInput } from '../faults/schema.ts'
import type { Reply } from '../format/reply.ts'
import { shownCall } from '../recorder.ts'
import { header } from '../request.ts'
import type { ApiRequest } from '../request.ts'
import { adminPage } from './page.ts'
import type { ClockInput, SeedInput } from './schemas.ts'
import { stateView } from './state.ts'

export const ADMIN_PREFIX = '/_emulator/'

export interface AdminContext {
  engine: () => Engine
  reset: () => Promise<void>
  /** Whether callers from other machines are let in. */
  allowRemote: boolean
}

type Route = (context: AdminContext, request: ApiRequest, rest: string) => Reply | Promise<Reply>

const ROUTES: Record<string, Route> = {
  'GET ': async (context) => page(await adminPage(context.engine())),
  'GET state': (context) => json(stateView(context.engine())),
  'GET recorder': recorder,
  'GET faults': (context) => json({ faults: context.engine().cloud.faults.list() }),
  'POST faults': (context, request) => json(addFaults(context.engine(), readJson(request)), 201),
  'DELETE faults': removeFaults,
  'POST seed': (context, request) => {
    context.engine().seed(readJson(request) as SeedInput)
    return json({ ok: true })
  },
  'POST clock': (context, request) => {
    const advanced = context.engine().setClock(readJson(request) as ClockInput)
    const { policy, transitions, clock } = context.engine().cloud
    return json({
      advanced,
      now: new Date(clock.now()).toISOString(),
      policy,
      waiting: transitions.waiting(),
    })
  },
  'POST reset': async (context) => {
    await context.reset()
    return json({ ok: true })
  },
}

/** Answers the admin plane: no signature, but callers of this machine only unless allowed otherwise. */
export async function admin(context: AdminContext, request: ApiRequest): Promise<Reply> {
  try {
    checkCaller(context, request)
    const [name = '', ...rest] = request.path.slice(ADMIN_PREFIX.length).split('/')
    const route = ROUTES[`${request.method} ${name}`]
    if (route === undefined) throw unknownRoute(request)
    return await route(context, request, rest.join('/'))
  } catch (error) {
    const known =
      error instanceof MusterError ? error : new MusterError('internal', String(error), { cause: error })
    return json({ error: { code: known.code, message: known.message } }, known.status)
  }
}

/**
 * A web page elsewhere must not be able to set faults, or read user data, through the reader's browser. A page whose own
 * name was made to lead to this machine (DNS rebinding) is told by that name: this machine is asked by address or as
 * localhost.
 */
function checkCaller(context: AdminContext, request: ApiRequest): void {
  const remote = request.remoteAddress.replace(/^::ffff:/, '')
  if (!context.allowRemote && !remote.startsWith('127.') && remote !== '::1') {
    throw new MusterError('forbidden', 'The admin plane answers callers of this machine only.')
  }
  if (!context.allowRemote && !isThisMachine(request.host)) {
    throw new MusterError(
      'forbidden',
      `The admin plane is asked by address or as localhost, not as "${request.host}".`,
    )
  }
  const site = header(request, 'sec-fetch-site')
  const origin = header(request, 'origin')
  const foreign = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== request.host)
  if (foreign || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    throw new MusterError('forbidden', 'The admin plane does not answer other web sites.')
  }
}

function isThisMachine(host: string): boolean {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
  return name === 'localhost' || name.startsWith('[') || isIP(name) !== 0
}

function recorder({ engine }: AdminContext, request: ApiRequest): Reply {
  const query = new URLSearchParams(request.query)
  const full = query.get('full') === '1'
  const action = query.get('action')
  const calls = engine()
    .recorder.calls()
    .filter((call) => (action ?? call.action) === call.action)
  return json({ counts: engine().recorder.counts(), calls: full ? calls : calls.map(shownCall) })
}

function addFaults(engine: Engine, body: unknown): unknown {
  const inputs = Array.isArray(body) ? (body as FaultInput[]) : [body as FaultInput]
  return { faults: inputs.map((input) => engine.addFault(input)) }
}

function removeFaults({ engine }: AdminContext, _request: ApiRequest, id: string): Reply {
  const { faults } = engine().cloud
  if (id === '') faults.clear()
  else if (!faults.remove(decodeURIComponent(id))) {
    throw new MusterError('not_found', `There is no fault "${id}". GET ${ADMIN_PREFIX}faults lists them.`)
  }
  return json({ faults: faults.list() })
}

function readJson(request: ApiRequest): unknown {
  try {
    return JSON.parse(request.body.toString('utf8') || '{}')
  } catch (cause) {
    throw new MusterError('bad_request', `The body of ${request.method} ${request.path} is not JSON.`, {
      cause,
    })
  }
}

function unknownRoute(request: ApiRequest): MusterError {
  const known = Object.keys(ROUTES).map((name) => name.replace(' ', ` ${ADMIN_PREFIX}`))
  return new MusterError(
    'not_found',
    `There is no ${request.method} ${request.path}. The admin plane has: ${known.join(', ')}.`,
  )
}

function json(body: unknown, status = 200): Reply {
  return { status, contentType: 'application/json;charset=utf-8', headers: {}, body: JSON.stringify(body) }
}

function page(body: string): Reply {
  return {
    status: 200,
    contentType: 'text/html;charset=utf-8',
    headers: { 'cache-control': 'no-store' },
    body,
  }
}
