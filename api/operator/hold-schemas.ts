import { z } from '@hono/zod-openapi'
import { pageSize } from './schemas.ts'

const instant = z.iso.datetime().openapi({ example: '2026-11-23T19:00:00.000Z' })

export const holdView = z
  .strictObject({
    id: z.int(),
    state: z.enum(['open', 'half-open', 'closed']),
    scope: z.enum(['placement', 'image', 'fleet']),
    /** What it stops, in words. */
    subject: z.string(),
    region: z.string(),
    imageId: z.string().optional(),
    zone: z.string().optional(),
    instanceType: z.string().optional(),
    fleet: z.string().optional(),
    reason: z.string(),
    openedAt: instant,
    openedBy: z.string(),
    /** End of the cool-down: from then on one attempt may probe. */
    probeFrom: instant,
    failedProbes: z.int().min(0),
    /** Who probes now; the place is another's when `until` has passed. */
    probe: z.strictObject({ host: z.string(), attempt: z.int(), until: instant }).optional(),
    closedAt: instant.optional(),
    closedBy: z.string().optional(),
    closedWhy: z.string().optional(),
  })
  .openapi('Hold')

export const holdsQuery = z.strictObject({
  includeClosed: z.enum(['true', 'false']).optional(),
  limit: pageSize,
})

export const holdsAnswer = z.strictObject({ holds: z.array(holdView) }).openapi('Holds')

export const holdParams = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'expected the number of a hold')
    .openapi({ example: '7' }),
})
