import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AppEnv } from '../deps.ts'
import { invalid } from '../errors.ts'
import { wholeBody } from '../whole-body.ts'

/** The fields of a posted form. @throws MusterError `bad_request` naming each wrong field */
export async function readForm<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
): Promise<z.output<Schema>> {
  const result = schema.safeParse(await wholeBody(c.req.parseBody()))
  if (!result.success) throw invalid('the form', result.error)
  return result.data
}
