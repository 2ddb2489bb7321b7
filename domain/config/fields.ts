import { z } from 'zod'
import { DURATION, durationText, parseDuration } from './duration.ts'

/** A text of a form. `expected` completes "expected …" and is what people read. */
export function text(pattern: RegExp, expected: string) {
  const error = `expected ${expected}`
  return z.string({ error }).regex(pattern, { error })
}

export const HOST_PORT =
  /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(6553[0-5]|655[0-2]\d|65[0-4]\d{2}|6[0-4]\d{3}|[1-5]?\d{1,4})$/

/** Name of an environment variable: secrets are never in the file. */
export const envName = (what: string) =>
  text(/^[A-Za-z_][A-Za-z0-9_]*$/, `the name of the environment variable that holds ${what}`).meta({
    description: `Name of the environment variable that holds ${what}; never the value itself.`,
  })

export function wholeNumber(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

interface DurationOptions {
  /** Bounds in ms, both allowed. */
  min: number
  max: number
  description: string
  /** As in the file; for editors. The value itself is applied after `defaults` and fleet are merged. */
  default?: string
}

/** `90s`, `1h30m` or ISO-8601 → ms. */
export function duration({ min, max, description, default: standard }: DurationOptions) {
  const expected = `expected a duration from ${durationText(min)} to ${durationText(max)}, like 90s, 20m, 1h30m or PT20M`
  return z
    .string({ error: expected })
    .regex(DURATION, { error: expected })
    .meta({ description, ...(standard !== undefined && { default: standard }) })
    .transform((value, context) => inRange(parseDuration(value), { min, max, expected }, context))
}

/** Like {@link duration}, or `off` → 0. */
export function durationOrOff({ min, max, description }: Omit<DurationOptions, 'default'>) {
  const expected = `expected off, or a duration from ${durationText(min)} to ${durationText(max)}, like 90s, 20m or 1h30m`
  return z
    .string({ error: expected })
    .regex(new RegExp(`^off$|${DURATION.source}`), { error: expected })
    .meta({ description, default: 'off' })
    .transform((value, context) =>
      value === 'off' ? 0 : inRange(parseDuration(value), { min, max, expected }, context),
    )
}

/** The number, with an issue when it is out of range. */
export function inRange(
  value: number | undefined,
  { min, max, expected }: { min: number; max: number; expected: string },
  context: z.core.$RefinementCtx,
): number {
  if (value !== undefined && value >= min && value <= max) return value
  context.issues.push({ code: 'custom', message: expected, input: context.value })
  return min
}
