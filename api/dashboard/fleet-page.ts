import { html } from 'hono/html'
import type { Explanation } from '../../domain/fleet/explain.ts'
import { PHASES } from '../operator/schemas.ts'
import type { FleetView, HostView } from '../operator/views.ts'
import { doneNote } from './done-note.ts'
import { explainSection } from './explain-section.ts'
import { fleetForms } from './fleet-forms.ts'
import { fleetSigns } from './fleet-signs.ts'
import { instant, orDash, phaseBadge, queryText, since } from './format.ts'
import type { Html } from './format.ts'
import { phaseBar, phaseChips } from './phase-bar.ts'
import type { FormSecrets } from './secrets.ts'

export interface FleetPage {
  fleet: FleetView
  hosts: HostView[]
  explanation: Explanation
  /** Cursor of the following page of hosts. */
  next?: string
  filter: { phase?: string | undefined; search?: string | undefined; after?: string | undefined }
  /** Absent for viewers: they see no forms. */
  secrets?: FormSecrets
  /** What was just asked for. */
  done?: string | undefined
  now: number
}

/** `/fleets/{name}`: wanted and actual, resize, and its hosts. */
export function fleetPage(page: FleetPage): Html {
  const { fleet } = page
  const { name, desired, actual, note, phases, links } = fleet
  const temporal =
    links.temporal === undefined ? '' : html` · <a href="${links.temporal}">Temporal workflow</a>`
  return html`<p class="crumbs"><a href="/">Fleets</a></p>
    <h1>${name}</h1>
    ${doneNote(page.done)}
    <section id="summary" data-live>
      <p class="lead">
        <span class="count">${phases.ready ?? 0} / ${desired}</span> ready of wanted, ${actual} hosts
        ${fleetSigns(fleet)}${note === '' ? '' : html` · ${note}`}
        <span class="soft">· spec <span class="id">${fleet.specHash}</span></span
        >${temporal} · <a href="/audit${queryText({ target: `fleet ${name}` })}">Audit</a>
      </p>
      ${phaseBar(fleet)} ${phaseChips(fleet)}
    </section>
    <section id="why" data-live>${explainSection(page.explanation)}</section>
    ${page.secrets === undefined ? '' : fleetForms(fleet, page.secrets)}
    <h2>Hosts</h2>
    ${filterForm(page)}
    <section id="hosts" data-live>${page.hosts.length === 0 ? noHosts(page) : hostTable(page)}</section>`
}

function filterForm({ fleet, filter }: FleetPage): Html {
  const option = (phase: string): Html =>
    html`<option value="${phase}" ${filter.phase === phase ? 'selected' : ''}>${phase}</option>`
  return html`<form class="row filter" method="get" action="/fleets/${fleet.name}">
    <label
      >Phase
      <select name="phase">
        <option value="">all but retired</option>
        ${PHASES.map(option)}
      </select></label
    >
    <label class="grow">
      Search
      <input
        type="search"
        name="search"
        maxlength="200"
        value="${filter.search ?? ''}"
        placeholder="id, instance, address, zone, type, reason"
      />
    </label>
    <button>Filter</button>
  </form>`
}

function noHosts({ fleet, filter }: FleetPage): Html {
  const filtered = filter.phase !== undefined || filter.search !== undefined || filter.after !== undefined
  if (filtered) {
    return html`<p class="card empty">No host is like that. <a href="/fleets/${fleet.name}">Show all</a></p>`
  }
  return html`<p class="card empty">
    ${fleet.desired === 0 ? 'This fleet wants no hosts: resize it to get some.' : 'No hosts yet: they are being started.'}
  </p>`
}

function hostTable({ fleet, hosts, next, filter, now }: FleetPage): Html {
  const more = queryText({ phase: filter.phase, search: filter.search, after: next })
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Host</th>
            <th>Phase</th>
            <th>For</th>
            <th class="number">Attempt</th>
            <th>Instance</th>
            <th>Zone</th>
            <th>Type</th>
            <th>Address</th>
            <th>Last beat</th>
            <th>Reason</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${hosts.map((host) => hostRow(host, now))}
        </tbody>
      </table>
    </div>
    ${next === undefined ? '' : html`<p><a class="button" href="/fleets/${fleet.name}${more}">Next page</a></p>`}`
}

function hostRow(host: HostView, now: number): Html {
  const temporal = host.links.temporal
  return html`<tr>
    <th scope="row" data-name="Host" class="id keep"><a href="${host.links.dashboard}">${host.host}</a></th>
    <td data-name="Phase">${phaseBadge(host.phase)}</td>
    <td data-name="For" class="keep">${since(host.phaseSince, now)}</td>
    <td data-name="Attempt" class="number">${host.attempt}</td>
    <td data-name="Instance" class="id keep">${orDash(host.instanceId)}</td>
    <td data-name="Zone" class="keep">${orDash(host.zone)}</td>
    <td data-name="Type" class="keep">${orDash(host.instanceType)}</td>
    <td data-name="Address" class="id">${orDash(host.privateIp)}</td>
    <td data-name="Last beat" class="keep">${instant(host.lastBeatAt, now)}</td>
    <td data-name="Reason" class="wide">${orDash(host.reason)}</td>
    <td data-name="Temporal" class="keep">
      ${temporal === undefined ? '' : html`<a href="${temporal}" title="in Temporal" aria-label="${host.host} in Temporal">↗</a>`}
    </td>
  </tr>`
}
