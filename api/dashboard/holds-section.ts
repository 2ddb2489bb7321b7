import { html } from 'hono/html'
import type { HoldView } from '../operator/holds.ts'
import { instant } from './format.ts'
import type { Html } from './format.ts'
import { formSecrets } from './secrets.ts'
import type { FormSecrets } from './secrets.ts'

/** What the breaker stops now; nothing at all when it stops nothing. */
export function holdsSection(holds: HoldView[], mayChange: boolean, now: number): Html {
  if (holds.length === 0) return html`<section id="holds" data-live></section>`
  return html`<section id="holds" data-live>
    <h2>Held</h2>
    <div class="cards">${holds.map((hold) => holdCard(hold, mayChange, now))}</div>
  </section>`
}

function holdCard(hold: HoldView, mayChange: boolean, now: number): Html {
  const { id, subject, reason, openedAt, openedBy, failedProbes } = hold
  return html`<article class="card">
    <header>
      <h3>${subject}</h3>
      <span class="paused">${hold.state}</span>
    </header>
    <p>${reason}</p>
    <p class="soft">
      hold ${id}, opened ${instant(openedAt, now)} by
      ${openedBy}${
        failedProbes === 0 ? '' : `, ${failedProbes} failed ${failedProbes === 1 ? 'probe' : 'probes'} since`
      }
    </p>
    <p>${probeText(hold, now)}</p>
    ${mayChange ? html`<p><a class="button" href="/holds/${id}/release">Release</a></p>` : ''}
  </article>`
}

function probeText({ probe, probeFrom }: HoldView, now: number): Html {
  if (probe && Date.parse(probe.until) > now) {
    return html`<a href="/hosts/${probe.host}">${probe.host}</a> probes in attempt ${probe.attempt}; its place
      is another’s ${instant(probe.until, now)}`
  }
  if (Date.parse(probeFrom) > now) return html`The first host that asks may probe ${instant(probeFrom, now)}.`
  return html`The next host that asks probes.`
}

/** `/holds/{id}/release`: asks for the reason. */
export function releasePage(hold: HoldView, secrets: FormSecrets, now: number): Html {
  const { id, subject, reason } = hold
  return html`<p class="crumbs"><a href="/">Fleets</a></p>
    <h1>Release ${subject}</h1>
    <p class="lead">${reason}</p>
    <p>${probeText(hold, now)}</p>
    <p>
      Once released, every host that waits for it launches there again, and failed boots are counted anew.
    </p>
    <form class="card row" method="post" action="/holds/${id}/release">
      ${formSecrets(secrets)}
      <label class="grow"
        >Why <input name="why" maxlength="500" required placeholder="image repaired"
      /></label>
      <button class="main">Release</button>
      <a class="button" href="/">Leave it held</a>
    </form>`
}
