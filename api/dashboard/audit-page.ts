import { html } from 'hono/html'
import type { AuditPage } from '../operator/audit.ts'
import { instant, queryText } from './format.ts'
import type { Html } from './format.ts'

export interface AuditPageInput extends AuditPage {
  /** As asked for in the address. */
  target?: string | undefined
  who?: string | undefined
  now: number
}

/** `/audit`: who changed what, and why. */
export function auditPage({ entries, next, target, who, now }: AuditPageInput): Html {
  return html`<h1>Audit</h1>
    <form class="row filter" method="get" action="/audit">
      <label
        >What it was about <input name="target" value="${target ?? ''}" placeholder="fleet render"
      /></label>
      <label>Who <input name="who" value="${who ?? ''}" placeholder="anna" /></label>
      <button>Show</button>
    </form>
    ${entries.length === 0 ? nothing(target !== undefined || who !== undefined) : auditTable(entries, now)}
    ${
      next === undefined
        ? ''
        : html`<p><a href="/audit${queryText({ target, who, before: String(next) })}">Older</a></p>`
    }`
}

const nothing = (isFiltered: boolean): Html =>
  html`<p class="card empty">
    ${isFiltered ? 'Nothing like that stands here.' : 'Nobody has changed anything yet.'}
  </p>`

function auditTable(entries: AuditPage['entries'], now: number): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>Who</th>
          <th>What</th>
          <th>About</th>
          <th>Why</th>
        </tr>
      </thead>
      <tbody>
        ${entries.map(
          ({ at, who, what, target, why }) =>
            html`<tr>
              <td data-name="When" class="keep">${instant(at, now)}</td>
              <td data-name="Who">${who}</td>
              <td data-name="What" class="wide"><div>${what}</div></td>
              <td data-name="About" class="id"><a href="/audit${queryText({ target })}">${target}</a></td>
              <td data-name="Why" class="wide"><div>${why}</div></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
