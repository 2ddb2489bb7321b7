import { clockText } from './durations.ts'

/** The way of a beat counts into what is measured: less than this is reported as none. */
const NO_SKEW_MS = 5_000

/**
 * How far the clock of a host is from the API's, in words for people.
 *
 * @param skewMs ahead of the API's clock; behind it: negative
 * @example skewText(-40_000) // "0:40 behind the API’s"
 */
export function skewText(skewMs: number): string {
  if (Math.abs(skewMs) <= NO_SKEW_MS) return 'within 5 s of the API’s'
  return `${clockText(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} the API’s`
}
