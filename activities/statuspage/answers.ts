import { z } from 'zod'
import { COMPONENT_STATUSES } from '../../domain/status/types.ts'

/** Of what the page answers, what something is decided by. */
export const incidentSchema = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  status: z.string(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  /** Newest first. */
  incident_updates: z.array(z.object({ body: z.string().nullish() })).nullish(),
})
export const incidentsSchema = z.array(incidentSchema)
export type IncidentAnswer = z.infer<typeof incidentSchema>

/** A status that this version does not know is a person's: it differs from all that we set. */
const status = z.enum(COMPONENT_STATUSES).catch('under_maintenance')
export const componentSchema = z.object({ id: z.string().min(1), name: z.string().nullish(), status })
export const componentsSchema = z.array(componentSchema)
export type ComponentAnswer = z.infer<typeof componentSchema>

/** What an error says of itself: Statuspage uses all of these. */
export const errorSchema = z.object({
  error: z.union([z.string(), z.array(z.string())]).optional(),
  message: z.union([z.string(), z.array(z.string())]).optional(),
})
