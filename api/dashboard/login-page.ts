import { html } from 'hono/html'
import type { Html } from './format.ts'

/** @param next path of this dashboard to go to afterwards */
export function loginForm(next: string, problem = ''): Html {
  return html`<section class="narrow card">
    <h1>Log in</h1>
    <p class="lead">
      With a token of a viewer or operator. <code>muster dev</code> prints a link that holds one; elsewhere
      ask for one: <code>muster tokens add</code>.
    </p>
    ${problem === '' ? '' : html`<p class="card problem">${problem}</p>`}
    <form method="post" action="/login">
      <input type="hidden" name="next" value="${next}" />
      <label
        >Token <input type="password" name="token" required autocomplete="current-password" autofocus
      /></label>
      <div><button class="main">Log in</button></div>
    </form>
  </section>`
}
