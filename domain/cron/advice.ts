import { FIELD_KINDS } from './fields.ts'
import type { FieldKey } from './fields.ts'

/** "0-59", "1-12 or JAN-DEC": what the field takes. */
export function allowedRange(key: FieldKey): string {
  const { min, max, names } = FIELD_KINDS[key]
  const first = names[0]?.toUpperCase()
  const last = names.at(-1)?.toUpperCase()
  return first === undefined ? `${min}-${max}` : `${min}-${max} or ${first}-${last}`
}

/** What to write instead of a text that is no number and no name of this field. */
export function adviceFor(key: FieldKey, text: string): string {
  const { names } = FIELD_KINDS[key]
  const full = names.find((name) => text.length > 3 && text.toLowerCase().startsWith(name))
  if (full !== undefined) return `Names have exactly three letters: write ${full.toUpperCase()}.`
  if (/^L$|^LW$|^\d+W$|^\w+L$|^L-/i.test(text)) {
    return `'L' (last) and 'W' (nearest weekday) are not part of this cron: name the days, for example 28-31 and a check in what runs, or 1 for the first day of the month.`
  }
  if (text.includes('#')) {
    return `'#' (the nth weekday of a month) is not part of this cron: name the days of the month, such as 8-14 for the second week.`
  }
  if (/^H$|^H\(/i.test(text))
    return `'H' is not part of this cron: write a number, and use jitter to spread firings.`
  if (/^\d+\.\d+$/.test(text)) return 'Write a whole number.'
  if (text === '') return 'Write a range as LOW-HIGH, such as 1-5.'
  return `Allowed: ${allowedRange(key)}, lists (1,3), ranges (1-5) and steps (*/2).`
}

/** What to write instead of a number outside the field's range. */
export function outOfRangeAdvice(key: FieldKey, value: number): string {
  const allowed = `Allowed: ${allowedRange(key)}.`
  if (key === 'dayOfWeek' && value === 7) return `${allowed} Write 0 or SUN for Sunday.`
  if (key === 'hour' && value === 24) return `${allowed} Write 0 for midnight.`
  if ((key === 'minute' || key === 'second') && value === 60) return `${allowed} Write 0 for the full one.`
  if (value === 0) return `${allowed} The first is 1.`
  return allowed
}

/** What to write instead of a range that runs over the end of its field. */
export function wrapAdvice(key: FieldKey, start: number, end: number): string {
  const { min, max, names } = FIELD_KINDS[key]
  if (start > max) return outOfRangeAdvice(key, start)
  const say = (value: number) => names[value - min]?.toUpperCase() ?? String(value)
  const range = (low: number, high: number) => (low === high ? say(low) : `${say(low)}-${say(high)}`)
  return `Write the two parts: ${range(start, max)},${range(min, end)}.`
}
