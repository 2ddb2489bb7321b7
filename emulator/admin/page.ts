import { html, raw } from 'hono/html'
import { HOST_TAG } from '../cloud/instance.ts'
import type { Engine } from '../engine.ts'
import { shownCall } from '../recorder.ts'
import type { RecordedCall } from '../recorder.ts'
import { stateView } from './state.ts'
import type { StateView } from './state.ts'
import { statuspageSection } from './statuspage-section.ts'

const SHOWN_INSTANCES = 200
const SHOWN_CALLS = 40

/** The page for people: what exists, what is set, what was called. It reloads itself, and needs no script to do so. */
export async function adminPage(engine: Engine): Promise<string> {
  const state = stateView(engine)
  const calls = engine.recorder.calls().slice(-SHOWN_CALLS).toReversed().map(shownCall)
  const statuses = Object.entries(state.statuses)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="2" />
        <title>Emulated cloud · ${state.instances.length} instances</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>Emulated cloud</h1>
          <p>
            ${state.now.slice(0, 19).replace('T', ' ')} UTC ·
            ${
              statuses.length === 0
                ? 'no instances'
                : statuses.map(([status, count]) => html`<b class="${status}">${count} ${status}</b> `)
            }
            · <a href="state">state</a> · <a href="recorder">recorder</a>
          </p>
        </header>
        ${instancesTable(state)} ${faultsTable(state)} ${stockTable(state)} ${callsTable(calls)}
        ${statuspageSection(state)} ${countsTable(state)}
      </body>
    </html>`
  return (await page).toString()
}

function instancesTable(state: StateView) {
  const shown = state.instances.slice(0, SHOWN_INSTANCES)
  const left = state.instances.length - shown.length
  return html`<section>
    <h2>Instances</h2>
    <table>
      <tr>
        <th>Id</th>
        <th>Status</th>
        <th>Host</th>
        <th>Zone</th>
        <th>Type</th>
        <th>Address</th>
        <th>Agent</th>
        <th>Made</th>
        <th>Released by itself</th>
      </tr>
      ${shown.map(
        (one) =>
          html`<tr>
            <td><code>${one.instanceId}</code></td>
            <td>
              <b class="${one.status}">${one.releasing ? 'releasing' : one.status}</b> ${one.locks.join(' ')}
            </td>
            <td>${hostOf(one.tags)}</td>
            <td>${one.zoneId}</td>
            <td>${one.instanceType}</td>
            <td><code>${one.privateIp}</code></td>
            <td>${one.behaviour.agent}</td>
            <td>${time(one.createdAtMs)}</td>
            <td>${one.autoReleaseAtMs === undefined ? '–' : time(one.autoReleaseAtMs)}</td>
          </tr>`,
      )}
    </table>
    ${left > 0 ? html`<p>… and ${left} more in <a href="state">state</a></p>` : ''}
  </section>`
}

function faultsTable(state: StateView) {
  if (state.faults.length === 0)
    return html`<section>
      <h2>Faults</h2>
      <p>None set.</p>
    </section>`
  return html`<section>
    <h2>Faults</h2>
    <table>
      <tr>
        <th>Id</th>
        <th>Action</th>
        <th>Where</th>
        <th>What</th>
        <th>Struck</th>
      </tr>
      ${state.faults.map(
        (fault) =>
          html`<tr class="${fault.spent ? 'spent' : ''}">
            <td>${fault.id}</td>
            <td>${typeof fault.action === 'string' ? fault.action : fault.action.join(', ')}</td>
            <td><code>${JSON.stringify(fault.match)}</code></td>
            <td><code>${JSON.stringify(fault.effect)}</code></td>
            <td>${fault.fired}${fault.count === undefined ? '' : ` of ${fault.count}`}</td>
          </tr>`,
      )}
    </table>
  </section>`
}

function stockTable(state: StateView) {
  if (state.stock.length === 0 && state.quota.length === 0) {
    return html`<section>
      <h2>Stock</h2>
      <p>Unlimited.</p>
    </section>`
  }
  return html`<section>
    <h2>Stock</h2>
    <table>
      <tr>
        <th>Zone</th>
        <th>Type</th>
        <th>Left</th>
      </tr>
      ${state.stock.map(
        (entry) =>
          html`<tr>
            <td>${entry.zoneId}</td>
            <td>${entry.instanceType}</td>
            <td>${entry.available}</td>
          </tr>`,
      )}
    </table>
    ${state.quota.map((entry) => html`<p>Quota <code>${JSON.stringify(entry)}</code></p>`)}
  </section>`
}

function callsTable(calls: readonly RecordedCall[]) {
  return html`<section>
    <h2>Last calls</h2>
    <table>
      <tr>
        <th>#</th>
        <th>At</th>
        <th>Action</th>
        <th>Outcome</th>
        <th>ms</th>
        <th>Parameters</th>
      </tr>
      ${calls.map(
        (call) =>
          html`<tr>
            <td>${call.n}</td>
            <td>${call.at.slice(11, 19)}</td>
            <td>${call.action}</td>
            <td>
              <b class="${call.outcome === 'OK' ? 'Running' : 'failed'}">${call.outcome}</b>
              ${call.faultId ?? ''}
            </td>
            <td>${call.durationMs}</td>
            <td class="long"><code>${JSON.stringify(call.parameters)}</code></td>
          </tr>`,
      )}
    </table>
  </section>`
}

function countsTable(state: StateView) {
  return html`<section>
    <h2>Calls so far</h2>
    <table>
      ${Object.entries(state.calls).map(
        ([action, outcomes]) =>
          html`<tr>
            <td>${action}</td>
            <td>
              ${Object.entries(outcomes)
                .map(([outcome, count]) => `${outcome} ${count}`)
                .join(', ')}
            </td>
          </tr>`,
      )}
    </table>
  </section>`
}

function hostOf(tags: Record<string, string>): string {
  const host = tags[HOST_TAG]
  return host === undefined ? '' : `${host} #${tags['muster:attempt'] ?? '?'}`
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(5, 19).replace('T', ' ')
}

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 1200px; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
header p { margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; opacity: .7; }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; }
.long { max-width: 30rem; }
.spent { opacity: .5; }
.Running { color: #1a7f37; } .Pending, .Starting, .Stopping { color: #9a6700; } .Stopped { color: #6e7781; }
.failed { color: #cf222e; }
@media (max-width: 700px) { section { overflow-x: auto; } }
`
