import { html } from 'hono/html'
import type { Explanation } from '../../domain/fleet/explain.ts'
import type { Html } from './format.ts'

/** `Why` of the fleet's page: what is missing, what comes next, what a person can do. */
export function explainSection({ headline, fleet, missing, next, youCan }: Explanation): Html {
  return html`<h2>Why it is so</h2>
    <div class="card">
      <p class="lead">${headline}.</p>
      ${fleet.map((text) => html`<p>${text}</p>`)} ${missing.length === 0 ? '' : missingList(missing)}
      ${next.map((text) => html`<p>Next: ${text}</p>`)}
      ${youCan.map(({ what, command }) => html`<p>You can ${what}: <code>${command}</code></p>`)}
    </div>`
}

function missingList(missing: Explanation['missing']): Html {
  return html`<ul>
    ${missing.map(({ host, why }) => html`<li>${hostLink(host)}: ${why}</li>`)}
  </ul>`
}

const hostLink = (host: string): Html =>
  host.includes('/') ? html`<a class="id" href="/hosts/${host}">${host}</a>` : html`${host}`
