import { overText, WITHDRAWN_TEXT } from './words.ts'
import { readSubject, subjectOf, type Condition, type KnownIncident, type PageIncident } from './types.ts'

/** One thing to do, in order; each at most one call. */
export type IncidentStep =
  /** It is on the page already: an answer was lost, or the store was. No call. */
  | { kind: 'adopt'; incident: KnownIncident & { incidentId: string; name: string } }
  | { kind: 'open'; subject: string; condition: Condition }
  | { kind: 'update'; subject: string; incidentId: string; condition: Condition }
  /** The page has that text already: only the answer was lost. No call. */
  | { kind: 'note'; subject: string; body: string }
  | { kind: 'resolve'; subject: string; incidentId: string; body: string }
  /** Ours, and not wanted, or there twice: it is ended without a trace in the store. */
  | { kind: 'withdraw'; incidentId: string; body: string }
  /** Not in the list of what is open: has a person ended it, or we, and the answer was lost? */
  | { kind: 'look'; subject: string; incidentId: string; isOver: boolean }
  /** It is over, and there is nothing to end on the page. No call. */
  | { kind: 'forget'; subject: string }
  /** Asked for, never confirmed, and not to be seen yet: it may still come. No call. */
  | { kind: 'await'; subject: string; forMs: number }

export interface IncidentQuestion {
  conditions: Condition[]
  /** Of this page, those that are not over. */
  known: KnownIncident[]
  /** Unresolved on the page, with our mark. */
  page: PageIncident[]
  now: number
  /** How long an incident may take to appear whose answer was lost, ms. */
  unclearMs: number
}

/**
 * What makes the page agree with what is so. It follows from the present alone: carried out and asked again, it says
 * nothing.
 */
export function planIncidents(question: IncidentQuestion): IncidentStep[] {
  const { adopted, known, extra } = reconcile(question)
  const about = new Map(known.map((one) => [one.about, one]))
  const wanted = new Map(question.conditions.map((one) => [one.about, one]))
  const fresh = question.conditions
    .filter((condition) => !about.has(condition.about))
    .map((condition): IncidentStep => ({ kind: 'open', subject: subjectOf(condition), condition }))
  const going = known.flatMap((one) => stepOf(one, wanted.get(one.about), question))
  const withdrawn = extra.map(({ id }): IncidentStep => ({
    kind: 'withdraw',
    incidentId: id,
    body: WITHDRAWN_TEXT,
  }))
  return [...adopted, ...fresh, ...going, ...withdrawn]
}

interface Reconciled {
  adopted: IncidentStep[]
  /** As they will be once the adopted ones are included. */
  known: KnownIncident[]
  /** On the page, but not among the known incidents. */
  extra: PageIncident[]
}

function reconcile({ known, page, conditions }: IncidentQuestion): Reconciled {
  const owned = new Map(known.map((one) => [one.about, one]))
  const ids = new Set(known.flatMap(({ incidentId }) => incidentId ?? []))
  const wanted = new Set(conditions.map(({ about }) => about))
  const adopted: IncidentStep[] = []
  const extra: PageIncident[] = []
  for (const one of page) {
    if (ids.has(one.id)) continue
    const read = readSubject(one.subject)
    const row = read && owned.get(read.about)
    const isWanted = read !== undefined && wanted.has(read.about)
    if (read === undefined || row?.incidentId !== undefined || (row === undefined && !isWanted)) {
      extra.push(one)
      continue
    }
    // The row of the attempt goes on under its own name, whatever was on the page before.
    const { attemptedAt: _clear, ...rest } = row ?? { ...read, subject: one.subject, body: one.body }
    const incident = { ...rest, incidentId: one.id, name: one.name }
    owned.set(incident.about, incident)
    adopted.push({ kind: 'adopt', incident })
  }
  return { adopted, known: [...owned.values()], extra }
}

function stepOf(
  known: KnownIncident,
  condition: Condition | undefined,
  { page, now, unclearMs }: IncidentQuestion,
): IncidentStep[] {
  const { subject, incidentId, attemptedAt, dismissedAt, kind, since, body } = known
  if (dismissedAt !== undefined) return condition ? [] : [{ kind: 'forget', subject }]
  if (incidentId === undefined) {
    const leftMs = attemptedAt === undefined ? 0 : attemptedAt + unclearMs - now
    if (leftMs > 0) return [{ kind: 'await', subject, forMs: Math.min(leftMs, unclearMs) }]
    return condition ? [{ kind: 'open', subject, condition }] : [{ kind: 'forget', subject }]
  }
  const shown = page.find(({ id }) => id === incidentId)
  if (shown === undefined) return [{ kind: 'look', subject, incidentId, isOver: condition === undefined }]
  if (!condition) return [{ kind: 'resolve', subject, incidentId, body: overText(kind, since) }]
  if (condition.body === body) return []
  if (condition.body === shown.body) return [{ kind: 'note', subject, body: shown.body }]
  return [{ kind: 'update', subject, incidentId, condition }]
}
