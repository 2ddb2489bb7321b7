import { choosePlacement } from '../../domain/placement/choose-placement.ts'
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
  const chosen =
    answer.outcome === 'placed'
      ? { zone: answer.placement.zone, instanceType: answer.placement.instanceType }
      : {}
  await store.hosts.record({ ...record, ...chosen }, clock())
  return answer
}
