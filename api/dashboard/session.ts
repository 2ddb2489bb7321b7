import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import { MusterError } from '../../domain/errors.ts'
import type { ApiDeps, AppEnv } from '../deps.ts'
import { requireFormToken, requireSameOrigin, SESSION_COOKIE } from '../operator/auth.ts'
import type { OperatorContext } from '../operator/context.ts'
import { SESSION_SECONDS } from '../operator/sessions.ts'
import { readForm } from './forms.ts'

const loginFields = z.strictObject({ token: z.string().max(512), next: z.string().max(2_000).optional() })
const logoutFields = z.strictObject({ form: z.string() })

/** `POST /login`: a session for a known token. */
export async function logIn({ deps, auth }: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  requireSameOrigin(c, deps.publicUrl)
  const { token, next = '/' } = await readForm(c, loginFields)
  return beginSession(deps, c, await auth.openSession(c, token.trim()), next)
}

/** `GET /?token=…`, the link that `muster dev` prints: the token leaves the address bar at once. */
export async function logInByLink(
  { deps, auth }: OperatorContext,
  c: Context<AppEnv>,
  token: string,
): Promise<Response> {
  requireOwnLink(c)
  return beginSession(deps, c, await auth.openSession(c, token), c.req.path)
}

/** `POST /logout` */
export async function logOut({ deps, auth }: OperatorContext, c: Context<AppEnv>): Promise<Response> {
  requireSameOrigin(c, deps.publicUrl)
  const actor = await auth.authenticate(c)
  requireFormToken(actor, (await readForm(c, logoutFields)).form)
  deleteCookie(c, SESSION_COOKIE, { path: '/' })
  return c.redirect('/', 303)
}

function beginSession({ publicUrl }: ApiDeps, c: Context<AppEnv>, session: string, next: string): Response {
  setCookie(c, SESSION_COOKIE, session, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: SESSION_SECONDS,
    secure: publicUrl?.startsWith('https:') ?? false,
  })
  return c.redirect(ownPath(next), 303)
}

/** Only paths of this dashboard: `//elsewhere` and `/\elsewhere` lead away, with a tab between, too (browsers drop it). */
export const ownPath = (path: string): string => (/^\/(?!\/)[^\\\p{Cc}]*$/u.test(path) ? path : '/')

/**
 * A link that another site opens on its own would put its reader into a session of somebody else's choice. A person who
 * follows a link is told so by the browser (`Sec-Fetch-User`); no header is an old browser or a program.
 *
 * @throws MusterError `forbidden`
 */
function requireOwnLink(c: Context<AppEnv>): void {
  const site = c.req.header('sec-fetch-site') ?? 'none'
  const dest = c.req.header('sec-fetch-dest') ?? 'document'
  const isFollowed = site === 'none' || site === 'same-origin' || c.req.header('sec-fetch-user') === '?1'
  if (isFollowed && dest === 'document') return
  throw new MusterError('forbidden', 'another site opened this link; open it yourself, or log in at /login')
}
