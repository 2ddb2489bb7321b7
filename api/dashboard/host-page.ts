import { html } from 'hono/html'
import type { JournalRow } from '../../store/contract.ts'
import { skewText } from '../../domain/skew-text.ts'
import type { HostView, viewEvidence } from '../operator/views.ts'
import { doneNote } from './done-note.ts'
import { eventLines } from './events.ts'
import { instant, lengthText, orDash, phaseBadge, queryText, since, sizeText, utcText } from './format.ts'
import type { Html } from './format.ts'
import { HOST_ACTIONS } from './host-actions.ts'

type EvidenceEntry = ReturnType<typeof viewEvidence>

export interface HostPage {
  host: HostView
  /** Newest first. */
  events: JournalRow[]
  evidence: EvidenceEntry[]
  /** Viewers see no actions. */
  mayChange: boolean
  /** What was just asked for. */
  done?: string | undefined
  now: number
}

/** `/hosts/{fleet}/{slot}`: where the host stands, what is known of it, and its story. */
export function hostPage(page: HostPage): Html {
  const { host, now } = page
  const temporal =
    host.links.temporal === undefined ? '' : html` · <a href="${host.links.temporal}">Temporal workflow</a>`
  return html`<p class="crumbs"><a href="/">Fleets</a> / <a href="/fleets/${host.fleet}">${host.fleet}</a></p>
    <h1>${host.host}</h1>
    ${doneNote(page.done)}
    <section id="state" data-live>
      <p class="lead">
        ${phaseBadge(host.phase)} for ${since(host.phaseSince, now)}, attempt ${host.attempt}
        <span class="soft">· generation <span class="id">${host.generation}</span></span
        >${temporal} · <a href="/audit${queryText({ target: `host ${host.host}` })}">Audit</a>
      </p>
      ${host.reason === '' ? '' : html`<p>${host.reason}</p>`} ${waitingFor(host, now)}
    </section>
    ${page.mayChange && host.phase !== 'retired' ? actionLinks(host) : ''}
    <section id="facts" data-live class="columns">
      ${instanceCard(host, now)} ${machineCard(host, now)}
    </section>
    <h2>Attempts</h2>
    <section id="story" data-live class="story">${story(page)}</section>`
}

/** The one thing a person waits for, as a sentence. */
function waitingFor(host: HostView, now: number): Html | '' {
  const { phase, bootDeadline, waitUntil, wish } = host
  if (wish !== undefined && phase !== 'retired')
    return html`<p>A person or the fleet asked to ${wish} it.</p>`
  if ((phase === 'booting' || phase === 'launching') && bootDeadline !== undefined) {
    const leftMs = Date.parse(bootDeadline) - now
    const text = leftMs >= 0 ? `in ${lengthText(leftMs)}` : `${lengthText(-leftMs)} ago`
    return html`<p>Boot deadline ${text} <span class="soft">(${utcText(bootDeadline)})</span></p>`
  }
  if (phase === 'waiting' && waitUntil !== undefined)
    return html`<p>Tries again ${instant(waitUntil, now)}.</p>`
  return ''
}

function actionLinks({ links }: HostView): Html {
  const link = ([kind, { label, danger }]: (typeof HOST_ACTIONS)[number]): Html =>
    html`<a class="button ${danger ? 'danger' : ''}" href="${links.dashboard}/${kind}">${label}</a>`
  return html`<p class="row">${HOST_ACTIONS.map(link)}</p>`
}

function instanceCard(host: HostView, now: number): Html {
  return html`<div class="card">
    <dl>
      <dt>Instance</dt>
      <dd class="id">${orDash(host.instanceId)}</dd>
      <dt>Zone</dt>
      <dd>${orDash(host.zone)}</dd>
      <dt>Type</dt>
      <dd>${orDash(host.instanceType)}</dd>
      <dt>Image</dt>
      <dd class="id">${orDash(host.imageId)}</dd>
      <dt>Private IP</dt>
      <dd class="id">${orDash(host.privateIp)}</dd>
      <dt>MAC</dt>
      <dd class="id">${orDash(host.mac ?? host.facts?.mac)}</dd>
      <dt>Launched</dt>
      <dd>${instant(host.launchedAt, now)}</dd>
      <dt>Ready</dt>
      <dd>${instant(host.readyAt, now)}</dd>
      <dt>Spec</dt>
      <dd class="id">${host.specHash}</dd>
    </dl>
  </div>`
}

function machineCard(host: HostView, now: number): Html {
  const { facts, liveness, lastBeatAt, workload, load, clockSkewMs } = host
  const cpu = facts?.cpu
  const cpuText =
    cpu && `${cpu.logical} logical${cpu.physical === undefined ? '' : `, ${cpu.physical} physical`}`
  const beat = liveness === 'none' ? 'known by its address only: it does not beat' : instant(lastBeatAt, now)
  return html`<div class="card">
    <dl>
      <dt>Last beat</dt>
      <dd>${beat}</dd>
      <dt>Workload</dt>
      <dd>${orDash(workload)}</dd>
      <dt>Load</dt>
      <dd>${orDash(load === undefined ? undefined : `${Math.round(load * 100)} %`)}</dd>
      <dt>Clock</dt>
      <dd>${orDash(clockSkewMs === undefined ? undefined : skewText(clockSkewMs))}</dd>
      <dt>CPU</dt>
      <dd>${orDash(cpuText)}</dd>
      <dt>Memory</dt>
      <dd>${orDash(facts && sizeText(facts.memoryBytes))}</dd>
      <dt>System</dt>
      <dd>${orDash(facts && `${facts.os.platform} ${facts.os.release} ${facts.os.arch}`)}</dd>
      <dt>Name</dt>
      <dd>${orDash(facts?.os.hostname)}</dd>
      <dt>Agent</dt>
      <dd>${orDash(facts?.agentVersion)}</dd>
      <dt>Agent began</dt>
      <dd>${instant(facts?.programStartedAt, now)}</dd>
    </dl>
  </div>`
}

function story({ events, evidence, host }: HostPage): Html | Html[] {
  if (events.length === 0) return html`<p class="card empty">Nothing is written in the journal yet.</p>`
  const attempts = Map.groupBy(events, (event) => `${event.generation} ${event.attempt}`)
  return [...attempts.values()].map((rows) => {
    const { generation = '', attempt = 0 } = rows[0] ?? {}
    const older = generation === host.generation ? '' : ` of generation ${generation}`
    const own = evidence.filter((entry) => entry.generation === generation && entry.attempt === attempt)
    return html`<article class="card">
      <h3>Attempt ${attempt}${older}</h3>
      ${own.length === 0 ? '' : html`<p>Evidence: ${own.map(evidenceLink)}</p>`} ${eventLines(rows)}
    </article>`
  })
}

const NAMES = { console: 'console text', screenshot: 'screenshot', events: 'system events' } as const

const evidenceLink = ({ kind, href }: EvidenceEntry): Html => html`<a href="${href}">${NAMES[kind]}</a> `
