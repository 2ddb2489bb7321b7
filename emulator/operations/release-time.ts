import { refuse } from '../errors.ts'

const SOONEST_MS = 30 * 60_000
const LATEST_YEARS = 3

/**
 * Reads AutoReleaseTime: `yyyy-MM-ddTHH:mm:ssZ`, at least 30 minutes and at most 3 years ahead.
 *
 * @returns milliseconds since the epoch, seconds cut off as the cloud does.
 */
export function readReleaseTime(text: string, nowMs: number): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : Number.NaN
  const latest = new Date(nowMs)
  latest.setUTCFullYear(latest.getUTCFullYear() + LATEST_YEARS)
  // The cloud compares whole minutes only in its documentation; the strict reading is the safe one to develop against.
  if (Number.isNaN(at) || at < nowMs + SOONEST_MS || at > latest.getTime()) {
    throw refuse('InvalidAutoReleaseTime.Malformed')
  }
  return Math.floor(at / 60_000) * 60_000
}
