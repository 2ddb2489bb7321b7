import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { MusterError } from '../../domain/errors.ts'
import type { ClientAddress } from '../client-address.ts'
import type { ApiDeps, AppEnv } from '../deps.ts'
import { createLru } from '../lru.ts'
import { createRateLimit } from '../rate.ts'
import { askStore } from '../store-call.ts'
import { equalText, sha256Hex, tokenCrypto } from '../../store/token-crypto.ts'
import type { Actor } from './actor.ts'
import { createSessions } from './sessions.ts'

export const SESSION_COOKIE = 'muster_session'

/** A removed token works this much longer, and a page costs one query, not ten. */
const REMEMBERED_MS = 5_000
/**
 * Tokens that this process does not know yet, from one address: a typing person is not stopped, guessing is. Those that
 * it has found once are not counted, so nobody is kept out by a neighbour who guesses, unless they are new here.
 */
const GUESS_RATE = { perSecond: 0.5, burst: 20 }

type Known = Pick<Actor, 'name' | 'role'>

/** @throws MusterError `unauthorized`, `too_many_requests` after many wrong tokens, `unavailable` without the store */
export type Authenticate = (c: Context<AppEnv>) => Promise<Actor>

export interface OperatorAuth {
  /** By `Authorization: Bearer`, or by the session cookie of the dashboard. */
  authenticate: Authenticate
  /** For the log-in page: what the cookie of this token's session holds. */
  openSession(c: Context<AppEnv>, token: string): Promise<string>
}

/** Operators show a token of the store (kept there as a hash), or the session that they were given for one. */
export function createOperatorAuth(
  deps: ApiDeps,
  addressOf: (c: Context<AppEnv>) => ClientAddress,
): OperatorAuth {
  const { clock } = deps
  const sessions = createSessions(deps)
  const find = createTokenFinder(deps)
  const takeGuess = createRateLimit(GUESS_RATE)

  /** Before the look-up: who tries tokens one after the other shall not keep the store busy with them. */
  function refuseGuessing(source: string): void {
    const waitMs = takeGuess(source, clock())
    if (waitMs === 0) return
    throw new MusterError('too_many_requests', 'too many wrong tokens from this address; wait', {
      details: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
    })
  }

  async function checkToken(c: Context<AppEnv>, token: string): Promise<Known> {
    const known = await find(sha256Hex(token), () => refuseGuessing(addressOf(c).source))
    if (known !== undefined) return known
    throw new MusterError('unauthorized', 'this token is not known here; ask for one: muster tokens add')
  }

  async function checkSession(session: string): Promise<Known> {
    const hash = sessions.read(session)
    const known = hash === undefined ? undefined : await find(hash, () => {})
    if (known !== undefined) return known
    throw new MusterError('unauthorized', 'this session is over; log in again')
  }

  async function openSession(c: Context<AppEnv>, token: string): Promise<string> {
    await checkToken(c, token)
    return sessions.issue(token)
  }

  async function authenticate(c: Context<AppEnv>): Promise<Actor> {
    const header = c.req.header('authorization')
    if (header?.startsWith('Bearer ')) {
      return { ...(await checkToken(c, header.slice('Bearer '.length))), by: 'token' }
    }
    const session = getCookie(c, SESSION_COOKIE)
    if (session === undefined) {
      throw new MusterError(
        'unauthorized',
        'show a token: Authorization: Bearer <token>, or log in at /login',
      )
    }
    return { ...(await checkSession(session)), by: 'session', formToken: formTokenOf(session) }
  }

  return { authenticate, openSession }
}

/**
 * @param admit called before a token is looked up that was not found before; throws to refuse it
 * @returns whose token has this hash
 */
type FindToken = (hash: string, admit: () => void) => Promise<Known | undefined>

/** By a token's hash: the dev stack's own token, or one of the store. Who asks while it is looked up shares the answer. */
function createTokenFinder({ store, operatorAuth: { devToken }, clock }: ApiDeps): FindToken {
  const remembered = createLru<{ known: Known; until: number }>(1_000)
  const underWay = new Map<string, Promise<Known | undefined>>()
  const devHash = devToken === undefined ? undefined : sha256Hex(devToken)

  async function lookUp(hash: string): Promise<Known | undefined> {
    try {
      const known = await askStore('look up the token', () => store.tokens.find(hash))
      if (known === undefined) remembered.delete(hash)
      else remembered.set(hash, { known, until: clock() + REMEMBERED_MS })
      return known
    } finally {
      underWay.delete(hash)
    }
  }

  return async function find(hash, admit) {
    if (devHash !== undefined && equalText(hash, devHash)) return { name: 'dev', role: 'operator' }
    const entry = remembered.get(hash)
    if (entry !== undefined && clock() < entry.until) return entry.known
    const present = underWay.get(hash)
    if (present !== undefined) return await present
    if (entry === undefined) admit()
    const look = lookUp(hash)
    underWay.set(hash, look)
    return await look
  }
}

/** Known to pages of the session alone, and to no other site: a digest keyed by the session's secret. */
const formTokenOf = (session: string): string => tokenCrypto.hmac(session, 'muster form')

/** @throws MusterError `forbidden` for a viewer */
export function requireOperator(actor: Actor): void {
  if (actor.role === 'operator') return
  throw new MusterError('forbidden', `${actor.name} may look, not change; a token of role operator may`)
}

/**
 * A browser sends the session's cookie with any post; only a page of ours may cause one. Browsers name the page's
 * origin in every post.
 *
 * @throws MusterError `forbidden`
 */
export function requireSameOrigin(c: Context<AppEnv>, publicUrl: string | undefined): void {
  const origin = c.req.header('origin')
  const allowed = [c.req.header('host') ?? '', publicUrl === undefined ? '' : new URL(publicUrl).host]
  const from = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined
  if (from !== undefined && from !== '' && allowed.includes(from)) return
  throw new MusterError(
    'forbidden',
    'this post did not come from a page of this dashboard; behind a proxy, set api.publicUrl',
  )
}

/** @throws MusterError `forbidden` for a form that no page of this session has shown */
export function requireFormToken(actor: Actor, given: string): void {
  if (actor.formToken !== undefined && equalText(given, actor.formToken)) return
  throw new MusterError('forbidden', 'this form is too old; open its page again')
}
