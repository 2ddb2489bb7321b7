import type { z } from 'zod'
import { knownFields } from './json-schema.ts'
import type { Finding, Path } from './problem.ts'
import { suggest } from './suggest.ts'

const TYPE_NAMES: Record<string, string> = {
  object: 'a map of fields',
  record: 'a map',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
}

/** What zod says where the schema has no words of its own. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value')
    return `expected ${issue.values
      .map(String)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1')}`
  return undefined
}

/** An issue of zod in our words: what was expected, what was found, and where. */
export function explain(issue: z.core.$ZodIssue, raw: unknown): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path, key))
  const meant = issue.code === 'invalid_union' ? meantAlternative(issue) : []
  if (meant.length > 0)
    return meant.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }, raw))
  const name = path.at(-1)
  if (issue.code === 'invalid_key') {
    return [
      { path, atKey: true, message: `${issue.issues[0]?.message ?? issue.message}, found "${String(name)}"` },
    ]
  }
  const { exists, value } = valueAt(raw, path)
  if (!exists) return [{ path, message: `is missing: ${issue.message}` }]
  const found = isSecretive(path, value) ? '' : `, found ${shown(value)}`
  return [{ path, message: `${issue.message}${found}` }]
}

/** Of several forms the one that the value has, when it is wrong further in; none when it has no form at all. */
function meantAlternative({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const isInside = ({ path, code }: z.core.$ZodIssue) => path.length > 0 || code === 'unrecognized_keys'
  return errors.find((issues) => issues.every(isInside)) ?? []
}

function unknownField(parent: Path, key: string): Finding {
  const known = knownFields(parent)
  const meant = suggest(key, known)
  const others = known.length === 0 ? 'nothing stands in here' : `known are ${known.join(', ')}`
  const hint = meant === undefined ? others : `did you mean ${meant}?`
  return { path: [...parent, key], atKey: true, message: `there is no such field; ${hint}` }
}

function valueAt(raw: unknown, path: Path): { exists: boolean; value?: unknown } {
  let value = raw
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return { exists: false }
    value = (value as Record<string | number, unknown>)[part]
  }
  return { exists: true, value }
}

/** Somebody may have put a secret where the name of its variable or file belongs, or into a URL or an environment. */
function isSecretive(path: Path, value: unknown): boolean {
  const isNameOfSecret = path.some((part) => typeof part === 'string' && /env$/i.test(part))
  return isNameOfSecret || (typeof value === 'string' && /@|-----BEGIN/.test(value))
}

const MAX_SHOWN = 60

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  if (typeof value !== 'string')
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'something else'
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value)
}
