import { z } from 'zod'
import type { Path } from './problem.ts'
import { fileSchema } from './schema.ts'

/** The schema for editors: `muster.schema.json`. */
export function musterJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(fileSchema, { io: 'input' })
}

/** The fields that may stand at a place of the file. */
export function knownFields(path: Path): string[] {
  const schemas = path.reduce<JsonSchema[]>(
    (around, part) => around.flatMap((schema) => below(schema, part)),
    variants(musterJsonSchema()),
  )
  return schemas.flatMap((schema) => Object.keys(schema.properties ?? {}))
}

type JsonSchema = z.core.JSONSchema.JSONSchema

function below(schema: JsonSchema, part: string | number): JsonSchema[] {
  const next =
    typeof part === 'number' ? schema.items : (schema.properties?.[part] ?? schema.additionalProperties)
  return typeof next === 'object' && !Array.isArray(next) ? variants(next) : []
}

const variants = (schema: z.core.JSONSchema._JSONSchema): JsonSchema[] =>
  typeof schema === 'boolean' ? [] : [schema, ...(schema.anyOf ?? []).flatMap(variants)]
