import { DAY_NAMES, FIELD_KINDS, MONTH_NAMES, isFull, valuesOf } from './fields.ts'
import type { FieldKey, FieldSet } from './fields.ts'
import { compress } from './schedule-spec.ts'

const UNITS: Readonly<Record<FieldKey, string>> = {
  second: 'second',
  minute: 'minute',
  hour: 'hour',
  dayOfMonth: 'day',
  month: 'month',
  dayOfWeek: 'day of the week',
}

/** The values of a field in words: "minutes 5 and 35", "every 7th minute from 0 to 56", "Monday to Friday". */
export function setWords(key: FieldKey, set: FieldSet): string {
  const unit = UNITS[key]
  if (isFull(key, set)) return `every ${unit}`
  const runs = compress(valuesOf(set))
  if (runs.length === 0) return `no ${unit} at all`
  const say = (value: number) => nameOf(key, value)
  const [only] = runs
  if (runs.length === 1 && only !== undefined && only.step > 1) {
    return `every ${ordinal(only.step)} ${unit} from ${say(only.start)} to ${say(only.end)}`
  }
  const words = listWords(
    runs.flatMap(({ start, end, step }) => {
      if (step > 1) return [`${say(start)} to ${say(end)} by ${step}`]
      if (end - start > 1) return [`${say(start)} to ${say(end)}`]
      return start === end ? [say(start)] : [say(start), say(end)]
    }),
  )
  if (key === 'month' || key === 'dayOfWeek') return words
  return `${unit}${valuesOf(set).length === 1 ? '' : 's'} ${words}`
}

/** The n of a set that is 0, n, 2n, … around the whole clock; undefined for any other. */
export function evenStep(key: 'second' | 'minute' | 'hour', set: FieldSet): number | undefined {
  const size = FIELD_KINDS[key].max + 1
  const values = valuesOf(set)
  const step = size / values.length
  return values.every((value, index) => value === index * step) ? step : undefined
}

/** ["a", "b", "c"] → "a, b and c". */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** 2 → "2nd", 11 → "11th". */
export function ordinal(value: number): string {
  const teen = value % 100 > 10 && value % 100 < 14
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th')
  return `${value}${ending}`
}

function nameOf(key: FieldKey, value: number): string {
  if (key === 'month') return MONTH_NAMES[value - 1] ?? String(value)
  if (key === 'dayOfWeek') return DAY_NAMES[value] ?? String(value)
  return String(value)
}
