import { clockText } from '../durations.ts'

const utc = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`

/** `at 14:03:20 UTC (in 3:10)`; `now` for what is due. ms since 1970. */
export function whenText(at: number, now: number): string {
  return at <= now ? 'now' : `at ${utc(at)} (in ${clockText(at - now)})`
}

/** `3:10 ago (14:03:20 UTC)` */
export const agoText = (at: number, now: number): string => `${clockText(now - at)} ago (${utc(at)})`
