import type { z } from 'zod'
import { expectation } from './explain.ts'
import { fileSchema, type FileConfig } from './schema.ts'

type Issue = z.core.$ZodIssue

/** A name that every map of the schema takes. */
const STAND_IN = /^x\d+$/

/** Reads the whole file: what it says when it is right, and every issue that is not the consequence of another one. */
export function readWhole(raw: unknown): { data?: FileConfig; issues: Issue[] } {
  const { data, error } = fileSchema.safeParse(raw, { error: expectation })
  if (data !== undefined) return { data, issues: [] }
  const issues = error?.issues ?? []
  return { issues: withoutConsequences([...issues, ...belowWrongNames(raw, issues)]) }
}

/**
 * What is of a wrong type is reported as that alone: zod goes on to measure the length of a text that should be a list. The
 * same words about the same place are reported once: of a text that is too long and of a wrong form.
 */
export function withoutConsequences(issues: readonly Issue[]): Issue[] {
  const wrongTypes = new Set<string>()
  const told = new Set<string>()
  return issues.filter(({ code, path, message }) => {
    const place = JSON.stringify(path)
    const words = JSON.stringify([path, message])
    const isOfValue = code !== 'invalid_key' && code !== 'unrecognized_keys'
    if (told.has(words) || (isOfValue && wrongTypes.has(place))) return false
    if (code === 'invalid_type') wrongTypes.add(place)
    told.add(words)
    return true
  })
}

/** Zod does not look at what stands below a wrong name: it is read once more, below right ones. */
function belowWrongNames(raw: unknown, issues: readonly Issue[]): Issue[] {
  const wrong = issues.filter(
    ({ code, path }) => code === 'invalid_key' && !STAND_IN.test(String(path.at(-1))),
  )
  if (wrong.length === 0) return []
  const names = new Map<string, string>()
  const wrongAt = new Set(wrong.map(({ path }) => JSON.stringify(path)))
  const renamed = withStandIns(raw, [], (path, standIn) => {
    if (!wrongAt.has(JSON.stringify(path))) return false
    names.set(JSON.stringify([...path.slice(0, -1), standIn]), path.at(-1) ?? '')
    return true
  })
  if (names.size === 0) return []
  return readWhole(renamed).issues.flatMap((issue) => {
    const path = backFrom(names, issue.path)
    return path === undefined ? [] : [{ ...issue, path }]
  })
}

/** The same with stand-ins for the keys that `isRenamed` says. */
function withStandIns(
  value: unknown,
  path: string[],
  isRenamed: (path: string[], standIn: string) => boolean,
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  let n = 0
  const free = () => {
    while (Object.hasOwn(value, `x${n}`)) n++
    return `x${n}`
  }
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => {
    const below = [...path, key]
    const standIn = free()
    if (!isRenamed(below, standIn)) return [key, withStandIns(inner, below, isRenamed)]
    n++
    return [standIn, inner]
  })
  return Object.fromEntries(entries) as unknown
}

/** Undefined for what does not stand below a stand-in. */
function backFrom(names: ReadonlyMap<string, string>, path: PropertyKey[]): PropertyKey[] | undefined {
  for (const at of path.keys()) {
    const name = names.get(JSON.stringify(path.slice(0, at + 1)))
    if (name !== undefined) return path.with(at, name)
  }
  return undefined
}
