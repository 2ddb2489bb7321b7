import { html } from 'hono/html'
import type { JournalRow } from '../../store/contract.ts'
import { instant, utcText } from './format.ts'
import type { Html } from './format.ts'

/** Events of many hosts, newest first, as a table. */
export function eventTable(rows: JournalRow[], now: number): Html {
  if (rows.length === 0) return html`<p class="card empty">Nothing has happened yet.</p>`
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>When</th>
          <th>Host</th>
          <th>Attempt</th>
          <th>What</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ recordedAt, host, attempt, text }) =>
            html`<tr>
              <td data-name="When" class="keep">${instant(new Date(recordedAt).toISOString(), now)}</td>
              <td data-name="Host" class="id keep"><a href="/hosts/${host}">${host}</a></td>
              <td data-name="Attempt">${attempt}</td>
              <td data-name="What" class="wide">${text}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** Events of one attempt as lines. */
export function eventLines(rows: JournalRow[]): Html {
  return html`<ol>
    ${rows.map(
      ({ recordedAt, kind, text }) =>
        html`<li>
          <time datetime="${new Date(recordedAt).toISOString()}"
            >${utcText(new Date(recordedAt).toISOString())}</time
          >
          <span class="soft">${kind}</span><span>${text}</span>
        </li>`,
    )}
  </ol>`
}
