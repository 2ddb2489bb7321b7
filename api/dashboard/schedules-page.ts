import { html } from 'hono/html'
import { zoneTime } from '../../domain/schedules/zone-time.ts'
import type { ScheduleView } from '../operator/read-schedules.ts'
import { doneNote } from './done-note.ts'
import { instant } from './format.ts'
import type { Html } from './format.ts'
import { formSecrets } from './secrets.ts'
import type { FormSecrets } from './secrets.ts'

export interface SchedulesPage {
  schedules: ScheduleView[]
  /** One for each form; absent for viewers: they see no forms. */
  secrets?: () => FormSecrets
  /** What was just asked for. */
  done?: string | undefined
  now: number
}

/** `/schedules`: what happens when, what happened last, and the forms to pause, resume and trigger. */
export function schedulesPage({ schedules, secrets, done, now }: SchedulesPage): Html {
  return html`<h1>Schedules</h1>
    ${doneNote(done)}
    <section id="schedules" data-live>
      ${schedules.length === 0 ? noSchedules() : scheduleTable(schedules, now)}
    </section>
    ${secrets === undefined || schedules.length === 0 ? '' : changeForms(schedules, secrets)}`
}

function noSchedules(): Html {
  return html`<p class="card empty">
    No schedules yet. Write them into the section <code>schedules</code> of the config and apply it.
  </p>`
}

function scheduleTable(schedules: ScheduleView[], now: number): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Schedule</th>
          <th>Does</th>
          <th>When</th>
          <th>Next</th>
          <th>Last runs</th>
          <th>State</th>
        </tr>
      </thead>
      <tbody>
        ${schedules.map((schedule) => scheduleRow(schedule, now))}
      </tbody>
    </table>
  </div>`
}

function scheduleRow(schedule: ScheduleView, now: number): Html {
  const { name, does, note, links } = schedule
  const title = links.temporal === undefined ? html`${name}` : html`<a href="${links.temporal}">${name}</a>`
  const more = note === undefined ? '' : html`<br /><span class="soft">${note}</span>`
  return html`<tr>
    <th scope="row" data-name="Schedule" class="keep">${title}</th>
    ${cell('Does', html`${does}${more}`)} ${cell('When', when(schedule))}
    ${cell('Next', nextTimes(schedule, now))} ${cell('Last runs', lastRuns(schedule, now))}
    ${cell('State', stateOf(schedule))}
  </tr>`
}

/** One element inside: on narrow screens a cell is its name next to its content. */
const cell = (name: string, content: Html): Html =>
  html`<td data-name="${name}" class="wide"><div>${content}</div></td>`

function when({ cron, dialect, timezone, words }: ScheduleView): Html {
  const zone = dialect === 'standard' ? `standard, ${timezone}` : timezone
  return html`<code>${cron}</code> <span class="soft">${zone}</span><br />${words}`
}

function nextTimes({ next, timezone }: ScheduleView, now: number): Html {
  if (next.length === 0) return html`<span class="none">never again</span>`
  return html`${instant(next[0], now)}
    <details>
      <summary>next five</summary>
      <ol>
        ${next.map((at) => html`<li>${zoneTime(new Date(at), timezone)}</li>`)}
      </ol>
    </details>`
}

function lastRuns({ runs }: ScheduleView, now: number): Html {
  if (runs.length === 0) return html`<span class="none">none yet</span>`
  return html`<ol class="runs">
    ${runs.map((run) => html`<li>${runLine(run, now)}</li>`)}
  </ol>`
}

function runLine({ dueAt, outcome, text, link }: ScheduleView['runs'][number], now: number): Html {
  const strong = html`<strong>${outcome}</strong>`
  const shown = link === undefined ? strong : html`<a href="${link}">${strong}</a>`
  return html`${instant(dueAt, now)} · ${shown} · ${text}`
}

function stateOf({ paused, stateNote }: ScheduleView): Html {
  if (!paused) return html`running`
  return html`<span class="paused">paused</span>${stateNote === '' ? '' : html` ${stateNote}`}`
}

function changeForms(schedules: ScheduleView[], secrets: () => FormSecrets): Html {
  return html`<h2>Change</h2>
    <div class="columns">${schedules.map((schedule) => changeForm(schedule, secrets()))}</div>`
}

/** One reason, two buttons: each names its own address. */
function changeForm({ name, paused }: ScheduleView, secrets: FormSecrets): Html {
  const other = paused ? 'resume' : 'pause'
  return html`<form class="card row" method="post" action="/schedules/${name}/${other}">
    ${formSecrets(secrets)}
    <strong>${name}</strong>
    <label class="grow">Why <input name="why" maxlength="500" required /></label>
    <button>${paused ? 'Resume' : 'Pause'}</button>
    <button formaction="/schedules/${name}/trigger">Fire now</button>
  </form>`
}
