import type { z } from 'zod'
import { breakerSchema, type BreakerSettings } from './breaker-schema.ts'
import type { HostFields } from './host-schema.ts'
import { hostSchema } from './host-schema.ts'
import { scheduleSchema, timezone, type ScheduleSettings } from './schedule-schema.ts'
import { fleetSchema, SECTIONS } from './schema.ts'
import { statuspageSchema, type StatuspageFile } from './statuspage-schema.ts'

/**
 * The parts of the file that are right in themselves. Rules over several fields work on these, so that one wrong field
 * elsewhere does not hide what else is wrong.
 */
export interface Pieces {
  controller?: string
  temporal?: z.output<typeof SECTIONS.temporal>
  cloud?: z.output<typeof SECTIONS.cloud>
  store?: z.output<typeof SECTIONS.store>
  api?: z.output<typeof SECTIONS.api>
  breaker?: BreakerSettings
  statuspage?: StatuspageFile
  defaults?: HostFields
  fleets: Record<string, z.output<typeof fleetSchema>>
  timezone?: string
  schedules: Record<string, ScheduleSettings>
  raw: Record<string, unknown>
}

export function piecesOf(raw: unknown): Pieces {
  if (!isMap(raw)) return { fleets: {}, schedules: {}, raw: {} }
  return {
    ...piece('temporal', SECTIONS.temporal, said(raw['temporal'])),
    ...piece('cloud', SECTIONS.cloud, said(raw['cloud'])),
    ...piece('store', SECTIONS.store, said(raw['store'])),
    ...piece('api', SECTIONS.api, said(raw['api'])),
    ...piece('breaker', breakerSchema, said(raw['breaker'])),
    ...piece('statuspage', statuspageSchema, raw['statuspage']),
    ...piece('defaults', hostSchema, said(raw['defaults'])),
    ...piece('controller', SECTIONS.controller, raw['controller']),
    ...piece('timezone', timezone, raw['timezone']),
    fleets: entries(fleetSchema, raw['fleets']),
    schedules: entries(scheduleSchema, raw['schedules']),
    raw,
  }
}

/** A section that is not there takes what is usual; one of nothing is wrong, and reported. */
const said = (value: unknown): unknown => (value === undefined ? {} : value)

function entries<S extends z.ZodType>(schema: S, value: unknown): Record<string, z.output<S>> {
  const right = Object.entries(isMap(value) ? value : {}).flatMap(([name, entry]) => {
    const { data } = schema.safeParse(entry)
    return data === undefined ? [] : [[name, data]]
  })
  return Object.fromEntries(right) as Record<string, z.output<S>>
}

function piece<K extends string, S extends z.ZodType>(name: K, schema: S, value: unknown) {
  const { data } = schema.safeParse(value)
  return (data === undefined ? {} : { [name]: data }) as { [P in K]?: z.output<S> }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
