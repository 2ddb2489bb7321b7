import { html } from 'hono/html'
import type { HostView } from '../operator/views.ts'
import { phaseBadge, since } from './format.ts'
import type { Html } from './format.ts'
import { HOST_ACTIONS } from './host-actions.ts'
import type { HostActionKind } from './host-actions.ts'
import { formSecrets } from './secrets.ts'
import type { FormSecrets } from './secrets.ts'

/** `/hosts/{fleet}/{slot}/{action}`: what will happen, why, and one button. */
export function confirmPage(kind: HostActionKind, host: HostView, secrets: FormSecrets, now: number): Html {
  const action = HOST_ACTIONS.find(([name]) => name === kind)?.[1]
  const { label = kind, means = '', danger = false } = action ?? {}
  return html`<section class="narrow card">
    <h1>${label} ${host.host}?</h1>
    <p>${means}</p>
    <p class="soft">
      Now ${phaseBadge(host.phase)} for ${since(host.phaseSince, now)}, attempt ${host.attempt}, instance
      <span class="id">${host.instanceId ?? 'none yet'}</span>
    </p>
    <form method="post" action="${host.links.dashboard}/${kind}">
      ${formSecrets(secrets)} ${extraField(kind)}
      <label>Why <input name="why" maxlength="500" required autofocus /></label>
      <div class="row">
        <button class="${danger ? 'danger' : 'main'}">${label}</button>
        <a class="button" href="${host.links.dashboard}">Leave it</a>
      </div>
    </form>
  </section>`
}

function extraField(kind: HostActionKind): Html | '' {
  if (kind === 'preserve') {
    return html`<label
      >For how many hours
      <input type="number" name="hours" min="0.5" max="720" step="0.5" value="24" required
    /></label>`
  }
  if (kind === 'drain') return ''
  return html`<label class="tick"
    ><input type="checkbox" name="atOnce" value="yes" /> at once, without draining</label
  >`
}
