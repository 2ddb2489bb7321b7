import type { z } from 'zod'
import type { Path } from '../problem.ts'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** A place of the schema: `fleets.*.hosts.placements[].zone`. */
export interface Place {
  name: string
  schema: JsonSchema
}

/** A value of a config, with the place of the schema that it is of. */
export interface Said extends Place {
  path: Path
  value: unknown
}

/** Every place that a config can fill. */
export function placesOf(schema: JsonSchema, name = ''): Place[] {
  return variants(schema).flatMap((variant) => [
    ...(variant === schema ? [{ name, schema }] : []),
    ...inner(variant).flatMap(({ part, schema: below }) => placesOf(below, named(name, part))),
  ])
}

/** What a config says, from the outside in. */
export function saidBy(schema: JsonSchema, value: unknown, path: Path = [], name = ''): Said[] {
  const below = Array.isArray(value)
    ? value.map((item, index) => ({ key: index, part: '[]', item: item as unknown }))
    : Object.entries(isMap(value) ? value : {}).map(([key, item]) => ({ key, part: key, item }))
  const found = below.flatMap(({ key, part, item }) => {
    const places = variants(schema).flatMap(inner)
    const place = places.find((one) => one.part === part) ?? places.find((one) => one.part === '*')
    if (place === undefined) throw new Error(`no field ${named(name, part)} in the schema`)
    return saidBy(place.schema, item, [...path, key], named(name, place.part))
  })
  return [{ name, schema, path, value }, ...found]
}

/** The alternatives, and what is common to them. */
export const variants = (schema: JsonSchema): JsonSchema[] => [
  schema,
  ...(schema.anyOf ?? []).flatMap((one) => variants(one as JsonSchema)),
]

function inner({ properties = {}, additionalProperties, items }: JsonSchema): {
  part: string
  schema: JsonSchema
}[] {
  const open = (schema: unknown, part: string) =>
    isMap(schema) ? [{ part, schema: schema as JsonSchema }] : []
  return [
    ...Object.entries(properties).flatMap(([part, schema]) => open(schema, part)),
    ...open(additionalProperties, '*'),
    ...open(items, '[]'),
  ]
}

function named(name: string, part: string): string {
  return part === '[]' ? `${name}[]` : name === '' ? part : `${name}.${part}`
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
