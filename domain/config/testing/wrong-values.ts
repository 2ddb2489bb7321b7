import { DURATION } from '../duration.ts'
import { isMap, variants, type JsonSchema, type Said } from './walk-schema.ts'

/** Something of every type. */
const ANY: readonly unknown[] = [null, true, 7, 'no\0', [], [7], {}]
/** Numbers and texts that hardly any field takes. */
const OF_TYPE: Record<string, readonly unknown[]> = {
  integer: [-1, 0.5, 1e9, Infinity, '7'],
  number: [-1, 0, 1e9, Infinity, '7'],
  string: ['', 'x'.repeat(5_000), 'http://x y'],
}

/** What the schema for editors takes and the config does not. */
const BEYOND: { of: RegExp; wrong: readonly unknown[] }[] = [
  { of: /^(api\.publicUrl|statuspage\.endpoint)$/, wrong: ['muster.example', 'ftp://x', 'https://x/?a'] },
  { of: /^api\.trustedProxies\[\]$/, wrong: ['10.0.0.0/33', 'proxy'] },
  { of: /\.systemDisk\.size$/, wrong: ['0GiB', '2049GiB'] },
  { of: /\.do$/, wrong: [{}] },
]

/** Durations that may be nothing at all. */
const MAY_BE_ZERO = /\.(stopTimeout|jitter)$/

/** Values that are wrong for a field, whatever else the config says. */
export function wrongFor({ name, schema, value }: Said): unknown[] {
  return [
    ...[...ANY, ...ofTypes(schema), ...tooMany(schema, value)].filter((wrong) => !takes(schema, wrong)),
    ...BEYOND.filter(({ of }) => of.test(name)).flatMap(({ wrong }) => wrong),
    ...(schema.pattern?.includes(DURATION.source) ? outOfRange(name) : []),
  ]
}

const ofTypes = (schema: JsonSchema): unknown[] =>
  variants(schema).flatMap(({ type }) => OF_TYPE[String(type)] ?? [])

const outOfRange = (name: string): string[] => (MAY_BE_ZERO.test(name) ? ['999999d'] : ['0s', '999999d'])

const tooMany = ({ maxItems }: JsonSchema, value: unknown): unknown[] =>
  maxItems === undefined || !Array.isArray(value)
    ? []
    : [Array.from({ length: maxItems + 1 }, () => value[0] as unknown)]

/** The name of an entry that a map refuses, where it refuses any. */
export function wrongKeyFor({ propertyNames }: JsonSchema): string | undefined {
  return ['!', 'acs:x'].find((key) => isMap(propertyNames) && !takes(propertyNames as JsonSchema, key))
}

function takes(schema: JsonSchema, value: unknown): boolean {
  if (schema.anyOf) return variants(schema).some((one) => one.anyOf === undefined && takes(one, value))
  if (schema.enum && !schema.enum.includes(value as string)) return false
  return TYPES[String(schema.type)]?.(schema, value) ?? false
}

const TYPES: Record<string, (schema: JsonSchema, value: unknown) => boolean> = {
  boolean: (_, value) => typeof value === 'boolean',
  string: ({ pattern = '', maxLength = Infinity }, value) =>
    typeof value === 'string' && value.length <= maxLength && new RegExp(pattern, 'u').test(value),
  integer: (schema, value) => Number.isSafeInteger(value) && isWithin(schema, value as number),
  number: (schema, value) => Number.isFinite(value) && isWithin(schema, value as number),
  // What is wrong inside is wrong there.
  object: (_, value) => isMap(value),
  array: ({ minItems = 0, maxItems = Infinity }, value) =>
    Array.isArray(value) && value.length >= minItems && value.length <= maxItems,
}

const isWithin = (
  { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity }: JsonSchema,
  value: number,
): boolean => value >= minimum && value > Number(exclusiveMinimum) && value <= maximum
