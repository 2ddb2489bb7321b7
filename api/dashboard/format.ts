import { html } from 'hono/html'

/** What `html` gives: text that is escaped already. */
export type Html = ReturnType<typeof html>

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A length of time in at most two units: `42 s`, `3 min`, `5 h 12 min`, `3 d 4 h`. */
export function lengthText(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < MINUTE_MS) return `${Math.floor(whole / 1000)} s`
  if (whole < HOUR_MS) return `${Math.floor(whole / MINUTE_MS)} min`
  if (whole < 2 * DAY_MS) return two(whole, HOUR_MS, 'h', MINUTE_MS, 'min')
  return two(whole, DAY_MS, 'd', HOUR_MS, 'h')
}

function two(ms: number, bigMs: number, big: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % bigMs) / smallMs)
  return `${Math.floor(ms / bigMs)} ${big}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** `3 min ago` or `in 3 min`, with the instant itself as its title. */
export function instant(iso: string | undefined, now: number): Html {
  if (iso === undefined) return html`<span class="none">–</span>`
  const ms = now - Date.parse(iso)
  const text = ms < 0 ? `in ${lengthText(-ms)}` : `${lengthText(ms)} ago`
  return html`<time datetime="${iso}" title="${utcText(iso)}">${text}</time>`
}

/** `2026-11-23 19:40:07 UTC` */
export const utcText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`

/** How long a state has lasted. */
export function since(iso: string, now: number): Html {
  return html`<time datetime="${iso}" title="since ${utcText(iso)}"
    >${lengthText(now - Date.parse(iso))}</time
  >`
}

/** Binary units, as operating systems count memory: `15.6 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}

/** A value or a dash. */
export const orDash = (value: string | number | undefined): Html =>
  value === undefined || value === '' ? html`<span class="none">–</span>` : html`${value}`

/** Colour and text: never colour alone. */
export const phaseBadge = (phase: string): Html => html`<span class="phase ${phase}">${phase}</span>`

/** The query of a link, empty values left out. */
export function queryText(pairs: Record<string, string | undefined>): string {
  const given = Object.entries(pairs).filter((pair): pair is [string, string] => Boolean(pair[1]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}
