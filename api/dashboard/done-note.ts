import { html } from 'hono/html'
import type { Html } from './format.ts'

const TEXTS: Record<string, string> = {
  resize: 'The fleet has taken the new size. It shows here as soon as the fleet has acted on it.',
  pause: 'The fleet is paused: it starts and retires no hosts.',
  resume: 'The fleet goes on.',
  roll: 'The fleet has taken the wish: hosts are replaced in turn.',
  rollback: 'The fleet has taken the wish: it returns to the former spec.',
  'override-freeze': 'The fleet acts although it is frozen, for the time that was said.',
  release: 'The hold is released: hosts launch there again as soon as they ask.',
  drain: 'The host has taken the wish: it drains.',
  replace: 'The host has taken the wish: it will be replaced.',
  retire: 'The host has taken the wish: it will retire.',
  'schedule-pause': 'The schedule is paused: its firings are skipped until it is resumed.',
  'schedule-resume': 'The schedule goes on.',
  'schedule-trigger': 'The schedule fires. Its run shows here in a moment.',
  preserve: 'The host has taken the wish: its instance will be kept.',
}

/** After a form: what was taken. Only these texts, whatever an address asks for. */
export function doneNote(kind: string | undefined): Html | '' {
  const text = kind !== undefined && Object.hasOwn(TEXTS, kind) ? TEXTS[kind] : undefined
  return text === undefined ? '' : html`<p class="card done" role="status">${text}</p>`
}
