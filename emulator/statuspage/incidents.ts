import type { z } from 'zod'
import { incidentChange, incidentFields, type IncidentChange, type IncidentFields } from './fields.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { ComponentStatus, Incident, IncidentStatus, IncidentUpdate, PageState } from './state.ts'

/** Reads `{"incident": …}` or another such body. */
export function parseFields<T>(
  body: Record<string, unknown>,
  what: 'incident' | 'component',
  schema: z.ZodType<T>,
): T {
  const given = body[what]
  if (given === undefined) throw new Refusal(400, `param is missing or the value is empty: ${what}`)
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw invalid(
    parsed.error.issues.map(({ path, message }) => `${sentenceName(path.map(String))} ${message}`),
  )
}

function sentenceName([name = 'body']: string[]): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`.replaceAll('_', ' ')
}

export function createIncident(
  state: PageState,
  pageId: string,
  body: Record<string, unknown>,
  nowMs: number,
): Incident {
  const fields = parseFields(body, 'incident', incidentFields)
  const problems = componentProblems(state, pageId, fields)
  if (fields.backfilled === true && fields.components !== undefined) {
    problems.push('Components cannot be specified for a backfilled incident')
  }
  if (problems.length > 0) throw invalid(problems)
  const status = fields.status ?? (fields.scheduled_for === undefined ? 'investigating' : 'scheduled')
  const incident: Incident = {
    id: state.newId(),
    pageId,
    name: fields.name,
    status,
    impactOverride: fields.impact_override ?? null,
    metadata: fields.metadata ?? {},
    updates: [],
    componentIds: affectedIds(fields, []),
    scheduledFor: fields.scheduled_for ?? null,
    scheduledUntil: fields.scheduled_until ?? null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    monitoringAtMs: null,
    resolvedAtMs: null,
  }
  say(state, incident, { status, text: fields.body ?? '', fields }, nowMs)
  state.putIncident(incident)
  return incident
}

export function changeIncident(
  state: PageState,
  known: Incident,
  body: Record<string, unknown>,
  nowMs: number,
): Incident {
  const fields = parseFields(body, 'incident', incidentChange)
  const problems = componentProblems(state, known.pageId, fields)
  if (problems.length > 0) throw invalid(problems)
  const incident: Incident = {
    ...known,
    updates: [...known.updates],
    name: fields.name ?? known.name,
    status: fields.status ?? known.status,
    impactOverride: fields.impact_override === undefined ? known.impactOverride : fields.impact_override,
    metadata: fields.metadata ?? known.metadata,
    componentIds: affectedIds(fields, known.componentIds),
    scheduledFor: fields.scheduled_for ?? known.scheduledFor,
    scheduledUntil: fields.scheduled_until ?? known.scheduledUntil,
    updatedAtMs: nowMs,
  }
  // Metadata or a name alone are no news for the page.
  if (fields.body !== undefined || fields.status !== undefined || fields.components !== undefined) {
    say(state, incident, { status: incident.status, text: fields.body ?? '', fields }, nowMs)
  }
  state.putIncident(incident)
  return incident
}

/** Adds an update, and does to components what it says. */
function say(
  state: PageState,
  incident: Incident,
  { status, text, fields }: { status: IncidentStatus; text: string; fields: IncidentFields | IncidentChange },
  nowMs: number,
): void {
  const affected = Object.entries(fields.components ?? {}).map(([id, wanted]) =>
    affect(state, incident.pageId, id, wanted, nowMs),
  )
  incident.updates.unshift({
    id: state.newId(),
    status,
    body: text,
    atMs: nowMs,
    deliverNotifications: fields.deliver_notifications,
    affected,
  })
  if (status === 'monitoring') incident.monitoringAtMs ??= nowMs
  incident.resolvedAtMs = status === 'resolved' || status === 'completed' ? nowMs : null
}

function affect(
  state: PageState,
  pageId: string,
  id: string,
  status: ComponentStatus,
  nowMs: number,
): IncidentUpdate['affected'][number] {
  const component = state.component(pageId, id)
  if (component === undefined) throw notFound()
  state.putComponent({ ...component, status, updatedAtMs: nowMs })
  return { code: id, name: component.name, old_status: component.status, new_status: status }
}

const affectedIds = ({ component_ids: ids, components }: IncidentChange, before: string[]): string[] => [
  ...new Set([...(ids ?? before), ...Object.keys(components ?? {})]),
]

function componentProblems(state: PageState, pageId: string, fields: IncidentChange): string[] {
  return affectedIds(fields, [])
    .filter((id) => state.component(pageId, id) === undefined)
    .map((id) => `Component ${id} could not be found`)
}
