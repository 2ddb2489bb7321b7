import type { z } from 'zod'
import type { ComponentStatus, Condition } from '../../domain/status/types.ts'
import {
  componentSchema,
  componentsSchema,
  incidentSchema,
  incidentsSchema,
  type ComponentAnswer,
  type IncidentAnswer,
} from './answers.ts'
import { httpCall, type StatuspageAccess } from './http-call.ts'

/** The few calls of the Statuspage API that Muster makes. Each throws a `StatuspageError` for whatever goes wrong. */
export interface StatuspageClient {
  /** All pages of the list. */
  unresolved(): Promise<IncidentAnswer[]>
  incident(id: string): Promise<IncidentAnswer>
  createIncident(incident: NewPageIncident): Promise<IncidentAnswer>
  updateIncident(id: string, change: IncidentChange): Promise<IncidentAnswer>
  /** All pages of the list. */
  components(): Promise<ComponentAnswer[]>
  setComponent(id: string, status: ComponentStatus): Promise<ComponentAnswer>
}

export interface NewPageIncident extends Pick<Condition, 'name' | 'body' | 'impact'> {
  componentIds: string[]
  /** Every top-level value is an object: so the API wants it. */
  metadata: Record<string, object>
  /** Whether subscribers are notified. */
  notify: boolean
}

export interface IncidentChange {
  status: 'investigating' | 'resolved'
  body: string
  impact?: Condition['impact']
  componentIds?: string[]
  notify: boolean
}

/** The API's own maximum. */
const PER_PAGE = 100
/** Longer than any list of open incidents or components: a server that repeats itself must not hold us for ever. */
const MAX_PAGES = 50

export function createStatuspageClient(access: StatuspageAccess): StatuspageClient {
  const all = async <T>(path: string, answer: z.ZodType<T[]>): Promise<T[]> => {
    const found: T[] = []
    for (let page = 1; page <= MAX_PAGES; page++) {
      const query = `?page=${page}&per_page=${PER_PAGE}`
      const some = await httpCall(access, { method: 'GET', path: `${path}${query}`, answer })
      found.push(...some)
      if (some.length < PER_PAGE) break
    }
    return found
  }
  const at = (id: string) => `/${encodeURIComponent(id)}`
  return {
    unresolved: () => all('/incidents/unresolved', incidentsSchema),
    incident: (id) =>
      httpCall(access, { method: 'GET', path: `/incidents${at(id)}`, answer: incidentSchema }),
    createIncident: ({ name, body, impact, componentIds, metadata, notify }) =>
      httpCall(access, {
        method: 'POST',
        path: '/incidents',
        body: {
          incident: {
            name,
            status: 'investigating',
            impact_override: impact,
            body,
            component_ids: componentIds,
            metadata,
            deliver_notifications: notify,
          },
        },
        answer: incidentSchema,
      }),
    updateIncident: (id, { status, body, impact, componentIds, notify }) =>
      httpCall(access, {
        method: 'PATCH',
        path: `/incidents${at(id)}`,
        body: {
          incident: {
            status,
            body,
            ...(impact && { impact_override: impact }),
            ...(componentIds && { component_ids: componentIds }),
            deliver_notifications: notify,
          },
        },
        answer: incidentSchema,
      }),
    components: () => all('/components', componentsSchema),
    setComponent: (id, status) =>
      httpCall(access, {
        method: 'PATCH',
        path: `/components${at(id)}`,
        body: { component: { status } },
        answer: componentSchema,
      }),
  }
}
