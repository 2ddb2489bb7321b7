import { html } from 'hono/html'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { MusterError } from '../../domain/errors.ts'
import type { AppEnv } from '../deps.ts'
import { headersOf } from '../errors.ts'
import { renderPage } from './layout.ts'
import { loginForm } from './login-page.ts'

const TITLES: Record<number, string> = {
  400: 'That cannot be read',
  403: 'Not allowed',
  404: 'Nothing here',
  410: 'Over',
  422: 'Refused',
  429: 'Too often',
  503: 'Not reachable at the moment',
  504: 'No answer in time',
}

/** An error as a page; who is not logged in gets the log-in form in its place. */
export async function errorPage(c: Context<AppEnv>, error: MusterError): Promise<Response> {
  const { status, message } = error
  const title = status === 401 ? 'Log in' : (TITLES[status] ?? 'Something went wrong')
  const content =
    status === 401
      ? loginForm(c.req.method === 'GET' ? c.req.path : '/', isFirstVisit(c) ? '' : message)
      : html`<section class="narrow card problem">
          <h1>${title}</h1>
          <p>${message}</p>
          <p class="soft">Status ${status}, request <span class="id">${c.get('requestId')}</span></p>
          <p><a class="button" href="${backTo(c)}">Back</a></p>
        </section>`
  c.header('cache-control', 'no-store')
  const headers = status === 401 ? {} : headersOf(error)
  return c.html(await renderPage({ title, content }), status as ContentfulStatusCode, headers)
}

/** Who has shown no token yet has done nothing wrong. */
function isFirstVisit(c: Context<AppEnv>): boolean {
  const shown = c.req.query('token') ?? c.req.header('cookie')
  return shown === undefined && c.req.method === 'GET'
}

/** A failed form leads back to the page of its fleet or host. */
function backTo(c: Context<AppEnv>): string {
  const [kind, ...rest] = c.req.path.split('/').filter(Boolean)
  if (c.req.method === 'GET' || kind === undefined) return '/'
  const keep = kind === 'hosts' ? 2 : 1
  return kind === 'hosts' || kind === 'fleets' ? `/${[kind, ...rest.slice(0, keep)].join('/')}` : '/'
}
