import type { Client } from '@temporalio/client'
import { Context } from '@temporalio/activity'
import { expand } from '../../domain/fleet/slots.ts'
import { survey } from '../../domain/fleet/survey.ts'
import type { FleetStatus } from '../../domain/fleet/types.ts'
import { hostId, hostOfWorkflowId, hostWorkflowId, parseHostId } from '../../domain/ids.ts'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import { WORKFLOWS } from '../../domain/messages.ts'
import { allHosts } from '../../store/all-hosts.ts'
import type { HostRow } from '../../store/contract.ts'
import type { FleetLookInput, FleetObservation, FleetRecord, ObserveFleetInput } from '../contract.ts'
import { isRunning } from '../workflow-status.ts'
import { CONCURRENCY, type FleetActivityDeps } from './deps.ts'

/**
 * Looks at a fleet: counts from the projection, and which slots have ended. The projection only names suspects: that a
 * workflow has ended is believed of Temporal's `describe` alone, which needs no worker and never lags.
 */
export async function observeFleet(
  deps: FleetActivityDeps,
  input: ObserveFleetInput,
): Promise<FleetObservation> {
  const { rows, view } = await lookAtFleet(deps, input)
  for (const slot of view.ended) await closeRow(deps, rows.get(slot))
  await keepFleet(deps, input)
  return view
}

/** Only looks. */
export async function lookAtFleet(
  deps: FleetActivityDeps,
  input: FleetLookInput & { resync: boolean },
): Promise<{ rows: Map<number, HostRow>; view: FleetObservation }> {
  const { fleet } = input
  const all = await allHosts(deps.store, { fleet, includeRetired: true })
  const rows = new Map(all.map((row) => [row.slot, row]))
  const slots = expand(input.slots)
  const running = input.resync ? await runningSlots(deps.temporal, input.fleet) : undefined
  const suspects = slots.filter((slot) => rows.get(slot)?.phase === 'retired' || running?.has(slot) === false)
  const known = new Set(slots)
  const runs = (slot: number) =>
    isRunning(deps.temporal.workflow.getHandle(hostWorkflowId(hostId(fleet, slot))))
  const strangers = [...(running ?? [])].filter((slot) => !known.has(slot))
  const ended = await filterAsync(suspects, async (slot) => !(await runs(slot)))
  const unknown = await filterAsync(strangers, runs)
  const view = {
    counts: count(slots, rows),
    ended,
    unknown,
    survey: survey(rows, input.survey, deps.clock()),
  }
  return { rows, view }
}

/** A terminated workflow writes no last record: its row would say ready forever. */
async function closeRow({ store, clock }: FleetActivityDeps, row: HostRow | undefined): Promise<void> {
  if (!row || row.phase === 'retired') return
  const at = clock()
  const seq = row.seq + 1
  const text = 'its workflow has ended without retiring it'
  const event = { seq, at, kind: 'retired' as const, attempt: row.attempt, text }
  await store.hosts.record({ ...row, phase: 'retired', seq, at, reason: text, events: [event] }, at)
}

/** A host without a row has been started and has not written yet. */
function count(slots: number[], rows: Map<number, HostRow>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const slot of slots) {
    const phase = rows.get(slot)?.phase ?? 'launching'
    counts[phase] = (counts[phase] ?? 0) + 1
  }
  return counts
}

/** The row that people see, and what the fleet did on its own; last of all, so that a second try reports nothing twice. */
export async function keepFleet(
  { store, clock, log }: FleetActivityDeps,
  { fleet, record, news }: Pick<ObserveFleetInput, 'fleet' | 'record' | 'news'>,
): Promise<void> {
  const { at: saidAt, ...row } = record
  const at = clock()
  const status = byWallClock(record.status, saidAt - at)
  await store.fleets.record({ ...row, status, updatedAt: at })
  for (const { what, why } of news) {
    await store.audit.add({ at, who: `fleet ${fleet}`, what, target: `fleet ${fleet}`, why })
    log.warn({ fleet, why }, what)
  }
}

/** Workflow time may run ahead of the wall clock, or a little behind. */
function byWallClock(
  { rollout, frozen, override, ...rest }: FleetStatus,
  aheadMs: number,
): FleetRecord['status'] {
  return {
    ...rest,
    ...(rollout && { rollout: { ...rollout, startedAt: rollout.startedAt - aheadMs } }),
    ...(frozen && { frozen: { ...frozen, since: frozen.since - aheadMs } }),
    ...(override && { override: { ...override, until: override.until - aheadMs } }),
  }
}

async function runningSlots(temporal: Client, fleet: string): Promise<Set<number>> {
  const query = `WorkflowType = '${WORKFLOWS.host}' AND ExecutionStatus = 'Running' AND MusterFleet = '${fleet}'`
  const slots = new Set<number>()
  for await (const { workflowId } of temporal.workflow.list({ query, pageSize: 1000 })) {
    const host = hostOfWorkflowId(workflowId)
    if (host) slots.add(parseHostId(host).slot)
    Context.current().heartbeat(slots.size)
  }
  return slots
}

/** Some at a time: when all of 5,000 hosts are suspects, one after another would take longer than the activity may. */
async function filterAsync(slots: number[], keep: (slot: number) => Promise<boolean>): Promise<number[]> {
  const kept = await mapConcurrently(slots, CONCURRENCY, async (slot) => {
    const isKept = await keep(slot)
    Context.current().heartbeat(slot)
    return isKept
  })
  return slots.filter((_, index) => kept[index])
}
