/** The fields of a cron expression, in the order in which the six-field form writes them. */
export const FIELD_KEYS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const

export type FieldKey = (typeof FIELD_KEYS)[number]

export interface FieldKind {
  /** As people say it. */
  title: string
  min: number
  max: number
  /** Three lower-case letters each; the first stands for `min`. */
  names: readonly string[]
}

export const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

export const DAY_NAMES = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const

const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3).toLowerCase())

/** Bounds and names as robfig/cron v1.2.0 has them (`spec.go`): Sunday is 0 and never 7. */
export const FIELD_KINDS: Readonly<Record<FieldKey, FieldKind>> = {
  second: { title: 'second', min: 0, max: 59, names: [] },
  minute: { title: 'minute', min: 0, max: 59, names: [] },
  hour: { title: 'hour', min: 0, max: 23, names: [] },
  dayOfMonth: { title: 'day of month', min: 1, max: 31, names: [] },
  month: { title: 'month', min: 1, max: 12, names: short(MONTH_NAMES) },
  dayOfWeek: { title: 'day of week', min: 0, max: 6, names: short(DAY_NAMES) },
}

/** What one field says. */
export interface FieldSet {
  /** `has[v]` is 1 when the value v is in the set. */
  has: Uint8Array
  /** True when an item of the list begins with `*` or `?`, with a step or not: the rule of days asks for it. */
  star: boolean
}

/** The values of a set, rising. */
export function valuesOf({ has }: FieldSet): number[] {
  const values: number[] = []
  for (let value = 0; value < has.length; value += 1) if (has[value] === 1) values.push(value)
  return values
}

/** True when the set holds every value its field can have. */
export function isFull(key: FieldKey, { has }: FieldSet): boolean {
  for (let value = FIELD_KINDS[key].min; value < has.length; value += 1) if (has[value] === 0) return false
  return true
}

/** True when the set holds nothing at all, as that of a lone `,` does. */
export function isEmpty({ has }: FieldSet): boolean {
  return !has.includes(1)
}

/** A set of every value of the field, as `*` says it. */
export function fullSet(key: FieldKey): FieldSet {
  const { min, max } = FIELD_KINDS[key]
  return { has: new Uint8Array(max + 1).fill(1, min), star: true }
}
