/** One field of a spec that is not as it was; `undefined` where it was or is absent. */
export interface FieldChange {
  /** `placements[0].zone` */
  field: string
  from: unknown
  to: unknown
}

/** What differs between two plain JSON values, by field, in order of name. */
export function specDiff(from: unknown, to: unknown, field = ''): FieldChange[] {
  if (isRecord(from) && isRecord(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted()
    return names.flatMap((name) => specDiff(from[name], to[name], field === '' ? name : `${field}.${name}`))
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const count = Math.max(from.length, to.length)
    return Array.from({ length: count }, (_, n) => specDiff(from[n], to[n], `${field}[${n}]`)).flat()
  }
  return Object.is(from, to) ? [] : [{ field, from, to }]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
