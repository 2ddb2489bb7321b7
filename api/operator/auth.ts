import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { MusterError } from '../../domain/errors.ts'
import type { ClientAddress } from '../client-address.ts'
import type { ApiDeps, AppEnv } from '../deps.ts'
import { createLru } from '../lru.ts'
import { createRateLimit } from '../rate.ts'
import { askStore } from '../store-call.ts'
import { equalText, sha256Hex, tokenCrypto } from '../token-crypto.ts'
import type { Actor } from './actor.ts'
import { createSessions } from './sessions.ts'

export const SESSION_COOKIE = 'muster_session'

/** A removed token works this much longer, and a page costs one query, not ten. */
const REMEMBERED_MS = 5_000
/** Wrong tokens from one address: a typing person is not stopped, guessing is. */
const WRONG_RATE = { perSecond: 0.5, burst: 20 }

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
  const takeWrong = createRateLimit(WRONG_RATE)

  async function checkToken(c: Context<AppEnv>, token: string): Promise<Known> {
    const known = await find(sha256Hex(token))
    if (known !== undefined) return known
    const waitMs = takeWrong(addressOf(c).source, clock())
    if (waitMs === 0)
      throw new MusterError('unauthorized', 'this token is not known here; ask for one: muster tokens add')
    throw new MusterError('too_many_requests', 'too many wrong tokens from this address; wait', {
      details: { retryAfterSeconds: Math.ceil(waitMs / 1000) },
    })
  }

  async function checkSession(session: string): Promise<Known> {
    const hash = sessions.read(session)
    const known = hash === undefined ? undefined : await find(hash)
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

/** By a token's hash: the dev stack's own token, or one of the store. */
function createTokenFinder({ store, operatorAuth: { devToken }, clock }: ApiDeps) {
  const remembered = createLru<{ known: Known; until: number }>(1_000)
  const devHash = devToken === undefined ? undefined : sha256Hex(devToken)
  return async function find(hash: string): Promise<Known | undefined> {
    if (devHash !== undefined && equalText(hash, devHash)) return { name: 'dev', role: 'operator' }
    const entry = remembered.get(hash)
    if (entry !== undefined && clock() < entry.until) return entry.known
    const known = await askStore('look up the token', () => store.tokens.find(hash))
    if (known !== undefined) remembered.set(hash, { known, until: clock() + REMEMBERED_MS })
    return known
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
