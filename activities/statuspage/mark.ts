import { z } from 'zod'
import type { PageIncident } from '../../domain/status/types.ts'
import type { IncidentAnswer } from './answers.ts'

const schema = z.object({ muster: z.object({ controller: z.string(), subject: z.string() }) })

/** What an incident carries, so that it is found again when an answer or the store was lost. */
export const markOf = (controller: string, subject: string) => ({ muster: { controller, subject } })

/** Those of this installation; incidents of people and of others are left alone. */
export function ownIncidents(controller: string, incidents: readonly IncidentAnswer[]): PageIncident[] {
  return incidents.flatMap(({ id, name, metadata, incident_updates: updates }) => {
    const { muster } = schema.safeParse(metadata).data ?? {}
    if (muster?.controller !== controller) return []
    return [{ id, subject: muster.subject, name: name ?? '', body: updates?.[0]?.body ?? '' }]
  })
}
