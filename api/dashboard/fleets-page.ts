import { html } from 'hono/html'
import type { JournalRow } from '../../store/contract.ts'
import type { HoldView } from '../operator/holds.ts'
import type { FleetView } from '../operator/views.ts'
import { doneNote } from './done-note.ts'
import { eventTable } from './events.ts'
import { fleetSigns } from './fleet-signs.ts'
import type { Html } from './format.ts'
import { holdsSection } from './holds-section.ts'
import { phaseBar, phaseChips } from './phase-bar.ts'

export interface FleetsPage {
  fleets: FleetView[]
  holds: HoldView[]
  events: JournalRow[]
  /** False for viewers. */
  mayChange: boolean
  /** What was just asked for. */
  done?: string | undefined
  now: number
}

/** `/`: every fleet, wanted and actual, what is held, and what happened last. */
export function fleetsPage({ fleets, holds, events, mayChange, done, now }: FleetsPage): Html {
  return html`<h1>Fleets</h1>
    ${doneNote(done)}
    <section id="fleets" data-live>${fleets.length === 0 ? noFleets() : fleetCards(fleets)}</section>
    ${holdsSection(holds, mayChange, now)}
    <h2>Recent events</h2>
    <section id="events" data-live>${eventTable(events, now)}</section>`
}

function fleetCards(fleets: FleetView[]): Html {
  return html`<div class="cards">${fleets.map(fleetCard)}</div>`
}

function fleetCard(fleet: FleetView): Html {
  const { name, desired, actual, note, phases } = fleet
  return html`<article class="card">
    <header>
      <h3><a href="/fleets/${name}">${name}</a></h3>
      ${fleetSigns(fleet)}
    </header>
    <div>
      <span class="count">${phases.ready ?? 0} / ${desired}</span> <span class="soft">ready of wanted</span>
    </div>
    ${phaseBar(fleet)} ${phaseChips(fleet)}
    ${actual === desired ? '' : html`<p class="soft">${actual} hosts now, ${desired} wanted</p>`}
    ${note === '' ? '' : html`<p>${note}</p>`}
  </article>`
}

function noFleets(): Html {
  return html`<p class="card empty">
    No fleets yet. Describe one in a file and apply it: <code>muster apply fleet.yaml</code>
  </p>`
}
