import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { musterJsonSchema } from './json-schema.ts'
import { fieldName, type Path } from './problem.ts'
import { problemsOf } from './testing/problems-of.ts'
import { isMap, placesOf, saidBy, variants, type JsonSchema, type Said } from './testing/walk-schema.ts'
import { WHOLE_CONFIGS } from './testing/whole-config.ts'
import { wrongFor, wrongKeyFor } from './testing/wrong-values.ts'

const SCHEMA = musterJsonSchema()
const WHOLE = WHOLE_CONFIGS.map((config) => JSON.parse(JSON.stringify(config)) as unknown)

/** Each field of the schema once, with a config that says it. */
const FIELDS = eachOnce(
  WHOLE.flatMap((config) => saidBy(SCHEMA, config).map((said) => ({ ...said, config }))),
)
type Field = Said & { config: unknown }

const MAPS = FIELDS.filter(({ value }) => isMap(value))
const REQUIRED = MAPS.flatMap((map) =>
  variants(map.schema).flatMap(({ required = [] }) =>
    required.map((key) => ({ ...map, key, name: `${map.name}.${key}` })),
  ),
)

/** Each reads the whole file again: daily one of the wrong type and one of the right one, under the deep counts all. */
const someOf = (wrong: unknown[]): unknown[] =>
  process.env['MUSTER_DEEP']
    ? wrong
    : [false, true].flatMap((text) =>
        wrong.filter((value) => (typeof value === 'string') === text).slice(0, 1),
      )

test('the whole configs are right, and say every field that the schema has', () => {
  for (const config of WHOLE) expect(problemsOf(textOf(config))).toEqual([])
  const said = new Set(FIELDS.map(({ name }) => name))
  expect(placesOf(SCHEMA).filter(({ name }) => !said.has(name))).toEqual([])
})

test('of every text there are wrong ones to try', () => {
  const texts = FIELDS.filter(({ schema }) => variants(schema).some(({ type }) => type === 'string'))
  expect(texts.length).toBeGreaterThan(50)
  const untried = texts.filter((field) => !wrongFor(field).some((wrong) => typeof wrong === 'string'))
  expect(untried.map(({ name }) => name)).toEqual([])
})

test.each(FIELDS)('a wrong $name is told with line, field, what was expected and what was found', (field) => {
  const { config, path, schema } = field
  const wrong = wrongFor(field)
  expect(wrong.length).toBeGreaterThan(3)
  const expected = `${lineOf(config, path)} ${fieldName(path)}: expected `
  for (const value of someOf(wrong)) {
    const told = problemsOf(textOf(replaced(config, path, value)))
    expect({ value, told }).toEqual({
      value,
      told: [expect.stringMatching(new RegExp(`^${literally(expected)}.+${literally(found(path, value))}$`))],
    })
    for (const word of wordsOf(schema)) expect(told[0]).toContain(word)
  }
})

test.each(MAPS)(
  'a field or name that does not belong into $name is told where it stands',
  ({ config, path, schema }) => {
    const isOpen = isMap(schema.additionalProperties)
    const key = isOpen ? wrongKeyFor(schema) : 'nobodyKnows'
    if (key === undefined) throw new Error('no name is wrong for this map: say one in wrong-values.ts')
    const wrong = [...path, key]
    const words = isOpen
      ? `expected .+, found ${literally(JSON.stringify(key))}`
      : 'there is no such field; (known are \\w+(, \\w+)*|nothing stands in here)'
    expect(problemsOf(textOf(replaced(config, wrong, isOpen ? firstOf(config, path) : 1)))).toEqual([
      expect.stringMatching(
        new RegExp(`^${literally(`${lineOf(config, wrong)} ${fieldName(wrong)}: `)}${words}$`),
      ),
    ])
  },
)

test.each(REQUIRED)(
  'a missing $name is told where it is missed, with what was expected',
  ({ config, path, key }) => {
    const missing = [...path, key]
    expect(problemsOf(textOf(replaced(config, missing, undefined)))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${literally(`${lineOf(config, path)} ${fieldName(missing)}: is missing: expected `)}[^,]+`,
        ),
      ),
    ])
  },
)

/** For a pattern. */
const literally = (words: string): string => words.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

function eachOnce(fields: Field[]): Field[] {
  const byName = new Map<string, Field>()
  for (const field of fields) if (!byName.has(field.name)) byName.set(field.name, field)
  return [...byName.values()]
}

/** One field on a line. */
const textOf = (config: unknown): string => stringify(config, { aliasDuplicateObjects: false, lineWidth: 0 })

/** Without the field for undefined. */
function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by
  if (Array.isArray(value)) return value.with(Number(first), replaced(value[Number(first)], rest, by))
  const map = value as Record<string, unknown>
  return { ...map, [first]: replaced(map[first], rest, by) }
}

const firstOf = (config: unknown, path: Path): unknown =>
  Object.values(
    path.reduce((value, part) => (value as Record<string | number, unknown>)[part], config) as object,
  )[0]

/** From 1, by the text alone: where a word would stand in the place of the field. */
function lineOf(config: unknown, path: Path): number {
  const lines = textOf(replaced(config, path, 'HERE')).split('\n')
  return 1 + lines.findIndex((line) => line.includes('HERE'))
}

/** Where a secret may have been put by mistake nothing is repeated. */
function found(path: Path, value: unknown): string {
  if (path.some((part) => /env$/i.test(String(part)))) return ''
  if (value === null) return ', found nothing'
  if (Array.isArray(value)) return value.length === 0 ? ', found an empty list' : ', found a list'
  if (typeof value === 'object') return ', found a map'
  if (typeof value === 'string')
    return `, found ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`
  return `, found ${value as number | boolean}`
}

/** What a person must read to get it right. */
const wordsOf = ({ enum: options = [], type, minimum = 0, maximum = 0 }: JsonSchema): string[] =>
  type === 'integer' ? [`from ${minimum} to ${maximum}`] : options.map(String)
