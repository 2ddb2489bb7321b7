import { html } from 'hono/html'
import type { Html } from './format.ts'

const TEXTS: Record<string, string> = {
  resize: 'Request accepted: the new size shows here as soon as the fleet has acted on it.',
  pause: 'The fleet is paused: it starts and retires no hosts.',
  resume: 'The fleet is resumed.',
  roll: 'Request accepted: hosts are replaced in turn.',
  rollback: 'Request accepted: the fleet returns to the previous spec.',
  'override-freeze': 'The fleet acts although it is frozen, for the time that was said.',
  release: 'The hold is released: hosts launch there again as soon as they ask.',
  drain: 'Request accepted: the host drains.',
  replace: 'Request accepted: the host will be replaced.',
  retire: 'Request accepted: the host will retire.',
  'schedule-pause': 'The schedule is paused: its firings are skipped until it is resumed.',
  'schedule-resume': 'The schedule is resumed.',
  'schedule-trigger': 'The schedule fires. Its run shows here in a moment.',
  preserve: 'Request accepted: the instance will be kept.',
}

/** After a form: what was taken. Only these texts, whatever an address asks for. */
export function doneNote(kind: string | undefined): Html | '' {
  const text = kind !== undefined && Object.hasOwn(TEXTS, kind) ? TEXTS[kind] : undefined
  return text === undefined ? '' : html`<p class="card done" role="status">${text}</p>`
}
