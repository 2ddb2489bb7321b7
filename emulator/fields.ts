import { refuse } from './errors.ts'
import type { KnownCode } from './errors.ts'

/** One parameter an action understands. Names are the wire's, with `N` for an index: `Tag.N.Key`. */
export interface Field {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'ids'
  required?: true
  /** Smallest and largest number, or entries of a JSON id list. */
  min?: number
  max?: number
  maxLength?: number
  values?: readonly string[]
  /** The cloud's own code for a wrong value; else InvalidParameter. */
  error?: KnownCode
  /** What the emulator does with it, for the generated table; fields without are acted upon. */
  note?: string
}

export type Fields = Readonly<Record<string, Field>>

/** Checked parameters of one call, read by their wire names. */
export interface Parameters {
  text(name: string): string | undefined
  /** Text of a field the table declares as required, or a default. */
  text(name: string, fallback: string): string
  number(name: string): number | undefined
  number(name: string, fallback: number): number
  flag(name: string): boolean
  has(name: string): boolean
  /** `SecurityGroupIds.1`, `.2`, … in index order. */
  list(prefix: string): string[]
  /** `Tag.1.Key`, `Tag.1.Value`, `Tag.2.Key` … grouped by index, in index order. */
  objects(prefix: string): Record<string, string>[]
  /** A JSON array parameter such as InstanceIds. */
  ids(name: string): string[] | undefined
  /** Every business parameter as sent, known or not: what a client token stands for. */
  readonly sent: ReadonlyMap<string, string>
}

/** Parameters of the gateway, not of any action. */
export const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set([
  'Action',
  'Version',
  'Format',
  'Timestamp',
  'SignatureMethod',
  'SignatureVersion',
  'SignatureType',
  'SignatureNonce',
  'AccessKeyId',
  'Signature',
  'SecurityToken',
])

/**
 * Checks what was sent against an action's table, throwing the cloud's error for the first thing wrong.
 * Unknown parameters are let through: the cloud takes them into the signature and then ignores them.
 */
export function readParameters(fields: Fields, sent: ReadonlyMap<string, string>): Parameters {
  const values = new Map([...sent].filter(([, value]) => value !== ''))
  for (const [name, field] of Object.entries(fields)) {
    if (field.required && !present(values, name)) {
      throw refuse('MissingParameter', name.replace('.N', '.1'))
    }
  }
  for (const [name, value] of values) {
    const pattern = name.replaceAll(/\.\d+(?=\.|$)/g, '.N')
    const field = Object.hasOwn(fields, pattern) ? fields[pattern]! : undefined
    if (field !== undefined && !valid(field, value)) throw wrong(name, field)
  }
  return parametersOf(values, sent)
}

function present(values: ReadonlyMap<string, string>, name: string): boolean {
  const at = name.indexOf('.N')
  if (at < 0) return values.has(name)
  const prefix = name.slice(0, at + 1)
  return [...values.keys()].some((key) => key.startsWith(prefix))
}

function wrong(name: string, field: Field): Error {
  if (field.error === undefined || field.error === 'InvalidParameter') return refuse('InvalidParameter', name)
  return refuse(field.error)
}

const VALID: Record<Field['type'], (field: Field, value: string) => boolean> = {
  string: (field, value) =>
    value.length <= (field.maxLength ?? Number.POSITIVE_INFINITY) &&
    (field.values === undefined || field.values.includes(value)),
  integer: (field, value) => /^-?\d{1,15}$/.test(value) && inRange(field, Number(value)),
  number: (field, value) => /^-?\d{1,15}(\.\d+)?$/.test(value) && inRange(field, Number(value)),
  // Clients of several languages send True and False.
  boolean: (_field, value) => /^(true|false)$/i.test(value),
  ids: (field, value) => {
    const list = parseIds(value)
    return list !== undefined && inRange(field, list.length)
  },
}

function valid(field: Field, value: string): boolean {
  return VALID[field.type](field, value)
}

function inRange(field: Field, value: number): boolean {
  return value >= (field.min ?? Number.NEGATIVE_INFINITY) && value <= (field.max ?? Number.POSITIVE_INFINITY)
}

function parseIds(value: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) && parsed.every((entry) => typeof entry === 'string') ? parsed : undefined
  } catch {
    return undefined // not JSON: the caller answers with the cloud's error for a malformed list
  }
}

function parametersOf(values: Map<string, string>, sent: ReadonlyMap<string, string>): Parameters {
  function text(name: string): string | undefined
  function text(name: string, fallback: string): string
  function text(name: string, fallback?: string): string | undefined {
    return values.get(name) ?? fallback
  }
  function number(name: string): number | undefined
  function number(name: string, fallback: number): number
  function number(name: string, fallback?: number): number | undefined {
    const value = values.get(name)
    return value === undefined ? fallback : Number(value)
  }
  return {
    text,
    number,
    flag: (name) => values.get(name)?.toLowerCase() === 'true',
    has: (name) => values.has(name),
    list: (prefix) => indexed(values, prefix).map(({ value }) => value),
    objects: (prefix) => grouped(indexed(values, prefix)),
    ids: (name) => {
      const value = values.get(name)
      return value === undefined ? undefined : parseIds(value)
    },
    sent: new Map([...sent].filter(([name]) => !SYSTEM_PARAMETERS.has(name))),
  }
}

interface Indexed {
  index: number
  rest: string
  value: string
}

function indexed(values: Map<string, string>, prefix: string): Indexed[] {
  const found: Indexed[] = []
  for (const [name, value] of values) {
    if (!name.startsWith(`${prefix}.`)) continue
    const match = /^(\d+)(?:\.(.+))?$/.exec(name.slice(prefix.length + 1))
    if (match !== null) found.push({ index: Number(match[1]), rest: match[2] ?? '', value })
  }
  return found.sort((a, b) => a.index - b.index)
}

function grouped(entries: Indexed[]): Record<string, string>[] {
  const groups = new Map<number, Record<string, string>>()
  for (const { index, rest, value } of entries) {
    const group = groups.get(index) ?? {}
    group[rest] = value
    groups.set(index, group)
  }
  return [...groups.values()]
}
