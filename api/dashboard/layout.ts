import { html } from 'hono/html'
import type { Context } from 'hono'
import type { AppEnv } from '../deps.ts'
import type { Actor } from '../operator/actor.ts'
import { assetUrl } from './assets.ts'
import type { Html } from './format.ts'

export interface Page {
  title: string
  content: Html | Html[]
  /** Absent: nobody is logged in. */
  actor?: Actor
  /** Shown in the head of the page: which installation this is. */
  controller?: string
  temporalUiUrl?: string
}

/** The frame of every page. */
export function renderPage({ title, content, actor, controller, temporalUiUrl }: Page): Html {
  const temporal = temporalUiUrl === undefined ? '' : html`<a href="${temporalUiUrl}">Temporal</a>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Muster</title>
        <link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assetUrl('style.css')}" />
        <script type="module" src="${assetUrl('live.js')}"></script>
      </head>
      <body>
        <header>
          <a class="brand" href="/"><img src="${assetUrl('icon.svg')}" alt="" />Muster</a>
          <nav>
            <a href="/">Fleets</a><a href="/schedules">Schedules</a><a href="/audit">Audit</a>${temporal}<a
              href="/openapi.json"
              >API</a
            >
          </nav>
          ${actor === undefined ? '' : whoIsHere(actor, controller)}
        </header>
        <p id="stale" role="status" hidden>No answer from Muster: what you see may be old.</p>
        <main>${content}</main>
      </body>
    </html>`
}

function whoIsHere({ name, role, formToken }: Actor, controller = ''): Html {
  return html`<form method="post" action="/logout">
    <span>${controller === '' ? '' : `${controller} · `}${name} (${role})</span>
    ${formToken === undefined ? '' : html`<input type="hidden" name="form" value="${formToken}" />`}
    <button>Log out</button>
  </form>`
}

/** Every page is made for one person at one moment: nothing between keeps it. */
export function sendPage(
  c: Context<AppEnv>,
  page: Page,
  status: 200 | 401 = 200,
): Response | Promise<Response> {
  c.header('cache-control', 'no-store')
  return c.html(renderPage(page), status)
}
