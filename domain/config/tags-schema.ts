import { z } from 'zod'
import { TAGS } from '../tags.ts'

const MAX_LENGTH = 128
/** RunInstances takes 20 tags. */
const ECS_MAX_TAGS = 20

/** What is left besides Muster's own, the one of a preserved instance included. */
export const MAX_TAGS = ECS_MAX_TAGS - Object.keys(TAGS).length

const KEY = `expected a tag key of 1 to ${MAX_LENGTH} characters that does not begin with aliyun, acs: or muster: and has no http:// or https://`
const VALUE = `expected a tag value: a text of at most ${MAX_LENGTH} characters without http:// or https:// (numbers and true/false in quotes)`
const key = z
  .string({ error: KEY })
  .regex(/^(?!aliyun|acs:|muster:)(?!.*https?:\/\/).{1,128}$/i, { error: KEY })
const value = z
  .string({ error: VALUE })
  .max(MAX_LENGTH, { error: VALUE })
  .regex(/^(?!.*https?:\/\/).*$/i, { error: VALUE })

/** Rules of ECS (RunInstances, Tag.N), and ours: keys of Muster are Muster's. */
export const tagsSchema = z.record(key, value).meta({
  description: `Extra tags of the instances, at most ${MAX_TAGS} with those of defaults.`,
})
