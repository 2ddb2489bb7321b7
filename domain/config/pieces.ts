import type { z } from 'zod'
import type { HostFields } from './host-schema.ts'
import { hostSchema } from './host-schema.ts'
import { fleetSchema, SECTIONS } from './schema.ts'

/**
 * The parts of the file that are right in themselves. Rules over several fields work on these, so that one wrong field
 * elsewhere does not hide what else is wrong.
 */
export interface Pieces {
  controller?: string
  cloud?: z.output<typeof SECTIONS.cloud>
  store?: z.output<typeof SECTIONS.store>
  api?: z.output<typeof SECTIONS.api>
  defaults?: HostFields
  fleets: Record<string, z.output<typeof fleetSchema>>
  raw: Record<string, unknown>
}

export function piecesOf(raw: unknown): Pieces {
  if (!isMap(raw)) return { fleets: {}, raw: {} }
  const fleets = isMap(raw['fleets']) ? raw['fleets'] : {}
  return {
    ...piece('cloud', SECTIONS.cloud, raw['cloud'] ?? {}),
    ...piece('store', SECTIONS.store, raw['store'] ?? {}),
    ...piece('api', SECTIONS.api, raw['api'] ?? {}),
    ...piece('defaults', hostSchema, raw['defaults'] ?? {}),
    ...piece('controller', SECTIONS.controller, raw['controller']),
    fleets: Object.fromEntries(
      Object.entries(fleets).flatMap(([name, fleet]) => {
        const { data } = fleetSchema.safeParse(fleet)
        return data === undefined ? [] : [[name, data]]
      }),
    ),
    raw,
  }
}

function piece<K extends string, S extends z.ZodType>(name: K, schema: S, value: unknown) {
  const { data } = schema.safeParse(value)
  return (data === undefined ? {} : { [name]: data }) as { [P in K]?: z.output<S> }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
