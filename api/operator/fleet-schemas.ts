import { z } from '@hono/zod-openapi'
import { OVERRIDE_MS } from '../../domain/fleet/refusal.ts'

/** Who asks is known by the token; why is always asked. */
const why = z.string().trim().min(1).max(500).openapi({ example: 'new image' })
const slot = z.int().min(1).max(99_999)

export const rollBody = z
  .strictObject({
    why,
    /** Hosts that run the fleet's spec as well. */
    force: z.boolean().optional(),
  })
  .openapi('Roll')

export const overrideBody = z
  .strictObject({ why, forMs: z.int().min(OVERRIDE_MS.min).max(OVERRIDE_MS.max) })
  .openapi('OverrideFreeze')

export const markBody = z.strictObject({ why, slots: z.array(slot).min(1).max(200) }).openapi('Mark')

const line = z.strictObject({
  /** Its id, or `212 hosts, 00051–00262` for several of one reason. */
  host: z.string(),
  phase: z.string(),
  why: z.string(),
  next: z.string().optional(),
  /** When that is; ms since 1970. */
  at: z.number().optional(),
  needsPerson: z.boolean(),
})

/** What {@link explainFleet} says. */
export const explanation = z
  .strictObject({
    headline: z.string(),
    state: z.enum(['fine', 'working', 'waiting', 'person']),
    fleet: z.array(z.string()),
    missing: z.array(line),
    next: z.array(z.string()),
    youCan: z.array(z.strictObject({ what: z.string(), command: z.string() })),
  })
  .openapi('Explanation')
