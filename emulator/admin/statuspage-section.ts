import { html } from 'hono/html'
import type { StateView } from './state.ts'

const SHOWN_INCIDENTS = 20

/** What visitors of the emulated status pages would see. */
export function statuspageSection({ statuspage }: StateView) {
  return html`<section>
    <h2>Status pages</h2>
    ${statuspage.pages.map(
      ({ id, name, components, incidents }) =>
        html`<p>
            ${name} <code>${id}</code>:
            ${components.map((one) => html`${one.name} <code>${one.id}</code> <b>${one.status}</b> `)}
          </p>
          ${
            incidents.length === 0
              ? html`<p>No incidents.</p>`
              : html`<table>
                  <tr>
                    <th>Incident</th>
                    <th>Status</th>
                    <th>Impact</th>
                    <th>Last update</th>
                  </tr>
                  ${incidents.slice(0, SHOWN_INCIDENTS).map(
                    (one) =>
                      html`<tr>
                        <td>${one.name} <code>${one.id}</code></td>
                        <td>
                          <b class="${one.status === 'resolved' ? 'Running' : 'failed'}">${one.status}</b>
                        </td>
                        <td>${one.impact}</td>
                        <td class="long">${one.updates[0]?.body ?? ''}</td>
                      </tr>`,
                  )}
                </table>`
          }`,
    )}
  </section>`
}
