import { z } from 'zod'
import { COMPONENT_STATUSES, IMPACTS, REALTIME_STATUSES, SCHEDULED_STATUSES } from './state.ts'

/** Forms have texts only. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
const status = z.enum(COMPONENT_STATUSES)
const instant = z.iso.datetime({ offset: true })

/** Of a POST and of a PATCH; what is unknown is left out, as the service does. */
export const incidentFields = z.object({
  name: z.string().trim().min(1, 'can’t be blank').max(255, 'is too long (maximum is 255 characters)'),
  status: z.enum([...REALTIME_STATUSES, ...SCHEDULED_STATUSES]).optional(),
  impact_override: z.enum(IMPACTS).nullish(),
  body: z.string().max(25_000, 'is too long (maximum is 25000 characters)').optional(),
  component_ids: z.array(z.string()).optional(),
  components: z.record(z.string(), status).optional(),
  deliver_notifications: flag.default(true),
  metadata: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  backfilled: flag.optional(),
  backfill_date: z.string().optional(),
  scheduled_for: instant.optional(),
  scheduled_until: instant.optional(),
})
export const incidentChange = incidentFields.partial({ name: true })
export type IncidentFields = z.output<typeof incidentFields>
export type IncidentChange = z.output<typeof incidentChange>

export const componentFields = z.object({
  name: z.string().trim().min(1, 'can’t be blank'),
  description: z.string().nullish(),
  status: status.optional(),
  showcase: flag.optional(),
  only_show_if_degraded: flag.optional(),
  start_date: z.iso.date().nullish(),
})
export const componentChange = componentFields.partial({ name: true })
