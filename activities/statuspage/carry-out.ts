import type { ComponentStep } from '../../domain/status/components.ts'
import type { IncidentStep } from '../../domain/status/plan.ts'
import type { ReportOutcome } from '../../domain/status/report.ts'
import type { Condition } from '../../domain/status/types.ts'
import type { StatuspageClient } from './client.ts'
import type { ReportActivityDeps, StatuspagePart } from './deps.ts'
import { markOf } from './mark.ts'
import { StatuspageError } from './statuspage-error.ts'

/** What one report works with. */
export interface ReportWork {
  deps: ReportActivityDeps
  part: StatuspagePart
  client: StatuspageClient
  controller: string
  /** Ids of components that the page has. */
  components: ReadonlySet<string>
  /** For so long an incident that was asked for may still come to be. */
  unclearMs: number
  /** Filled as things are done. */
  outcome: ReportOutcome
}

/** One step: at most one call, and the store's note of it. */
export async function carryOutIncident(work: ReportWork, step: IncidentStep): Promise<void> {
  const { deps, part, outcome } = work
  const { incidents } = deps.store
  const { pageId } = part
  switch (step.kind) {
    case 'adopt':
      return await adopt(work, step.incident)
    case 'open':
      return await open(work, step.subject, step.condition)
    case 'update':
      return await update(work, step)
    case 'note':
      return await incidents.updated(pageId, step.subject, step.body)
    case 'resolve':
      if (await end(work, step.incidentId, step.body)) outcome.resolved.push(step.subject)
      return await incidents.over(pageId, step.subject, deps.clock())
    case 'withdraw':
      return await withdraw(work, step.incidentId, step.body)
    case 'look':
      return await look(work, step)
    case 'forget':
      return await incidents.over(pageId, step.subject, deps.clock())
    case 'await':
      return
    default:
      return step satisfies never
  }
}

/** The list may still show an incident that has ended: such an incident is not adopted. */
async function adopt(
  work: ReportWork,
  incident: Extract<IncidentStep, { kind: 'adopt' }>['incident'],
): Promise<void> {
  if (!(await isOpen(work, incident.incidentId))) return
  await work.deps.store.incidents.opened(work.part.pageId, incident, work.deps.clock())
  work.outcome.opened.push(incident.subject)
}

async function withdraw(work: ReportWork, incidentId: string, body: string): Promise<void> {
  if (!(await isOpen(work, incidentId))) return
  if (await end(work, incidentId, body)) work.outcome.resolved.push(incidentId)
}

/** Noted before it is asked for: an answer that is lost is looked for on the page, and never simply asked for again. */
async function open(work: ReportWork, subject: string, condition: Condition): Promise<void> {
  const { deps, part, client, controller, outcome } = work
  const { incidents } = deps.store
  const { pageId, notify } = part
  const { kind, about, since, name, body, impact } = condition
  const incident = { subject, kind, about, since, name, body }
  if (!(await incidents.attempt(pageId, incident, deps.clock(), work.unclearMs))) return
  try {
    const metadata = markOf(controller, subject)
    const componentIds = componentsOf(work, condition)
    const { id } = await client.createIncident({ name, body, impact, componentIds, metadata, notify })
    await incidents.opened(pageId, { ...incident, incidentId: id }, deps.clock())
    outcome.opened.push(subject)
  } catch (error) {
    if (error instanceof StatuspageError && error.isNotDone) await incidents.refused(pageId, subject)
    throw error
  }
}

async function update(
  work: ReportWork,
  { subject, incidentId, condition }: Extract<IncidentStep, { kind: 'update' }>,
): Promise<void> {
  const { body, impact } = condition
  const componentIds = componentsOf(work, condition)
  // Subscribers are notified of beginning and end; news in between is only on the page.
  const change = { status: 'investigating', body, impact, componentIds, notify: false } as const
  if (!(await isThere(work.client.updateIncident(incidentId, change)))) return
  await work.deps.store.incidents.updated(work.part.pageId, subject, body)
  work.outcome.updated.push(subject)
}

/** False when it is not there any more. */
const end = ({ client, part }: ReportWork, incidentId: string, body: string): Promise<boolean> =>
  isThere(client.updateIncident(incidentId, { status: 'resolved', body, notify: part.notify }))

/** The list may lag behind, so the incident itself is asked. */
async function isOpen({ client }: ReportWork, incidentId: string): Promise<boolean> {
  let open = false
  const asked = client.incident(incidentId).then(({ status }) => {
    open = status !== 'resolved' && status !== 'postmortem'
  })
  return (await isThere(asked)) && open
}

async function look(
  work: ReportWork,
  { subject, incidentId, isOver }: Extract<IncidentStep, { kind: 'look' }>,
): Promise<void> {
  const { deps, part, outcome } = work
  const { incidents } = deps.store
  if (await isOpen(work, incidentId)) return
  if (isOver) {
    await incidents.over(part.pageId, subject, deps.clock())
    outcome.resolved.push(subject)
  } else {
    await incidents.dismissed(part.pageId, subject, deps.clock())
    outcome.dismissed.push(subject)
  }
}

async function isThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    // The page itself was there a moment ago: only this incident is gone.
    if (error instanceof StatuspageError && error.fault === 'missing') return false
    throw error
  }
}

/** Those that the page has: one wrong id must not keep an incident from being reported. */
function componentsOf({ part, components }: ReportWork, { fleets }: Condition): string[] {
  const ids = fleets.flatMap((fleet) =>
    Object.hasOwn(part.components, fleet) ? (part.components[fleet] ?? []) : [],
  )
  return [...new Set(ids)].filter((id) => components.has(id))
}

/**
 * Setting it is idempotent. It is recorded first, so that the status is recognized as ours even if the response is
 * lost.
 */
export async function carryOutComponent(
  { client, deps, part, outcome }: ReportWork,
  step: ComponentStep,
): Promise<void> {
  const { incidents } = deps.store
  const isBad = step.kind === 'set' && step.status !== 'operational'
  if (step.kind === 'set') {
    await incidents.componentAsked(part.pageId, step.id, step.status, deps.clock())
    await client.setComponent(step.id, step.status)
    outcome.components[step.id] = step.status
  }
  if (isBad) await incidents.componentSet(part.pageId, step.id, step.status, deps.clock())
  else await incidents.componentLeft(part.pageId, step.id)
}
