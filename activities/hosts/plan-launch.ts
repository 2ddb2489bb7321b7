import { choosePlacement } from '../../domain/placement/choose-placement.ts'
import type { HostRecord } from '../../domain/host/types.ts'
import type { PlanAnswer, PlanLaunchInput } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'

/** Where to launch next, by the notes and holds all hosts share. */
export async function planLaunch(deps: HostActivityDeps, input: PlanLaunchInput): Promise<PlanAnswer> {
  const { store, clock } = deps
  const { spec, key, launch, record } = input
  const now = clock()
  const [notes, holds] = await Promise.all([
    store.capacity.active(spec.region, now),
    store.holds.active(spec.region, now),
  ])
  const seed = [key.host, key.generation, key.attempt, launch].join('/')
  const answer = choosePlacement({ spec, fleet: record.fleet, notes, holds, now, seed })
  await store.hosts.record({ ...record, ...shown(answer, record.at) }, clock())
  return answer
}

/** What people see from now on: the place that was chosen, or what the host waits for (perhaps for hours). */
function shown(answer: PlanAnswer, at: number): Partial<HostRecord> {
  if (answer.outcome === 'placed') {
    const { zone, instanceType } = answer.placement
    return { zone, instanceType }
  }
  return { phase: 'waiting', reason: answer.reason, waitUntil: at + answer.waitMs }
}
