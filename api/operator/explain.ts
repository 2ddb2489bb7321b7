import { touches } from '../../domain/breaker/hold.ts'
import { explainFleet, type Explanation, type FleetFacts } from '../../domain/fleet/explain.ts'
import type { HostSpec } from '../../domain/spec.ts'
import { allHosts } from '../../store/all-hosts.ts'
import type { ApiDeps } from '../deps.ts'
import { askStore } from '../store-call.ts'
import { workerSeen } from '../temporal/worker-seen.ts'

/** Why a fleet is as it is; undefined when there is none of that name. */
export async function explain(deps: ApiDeps, name: string): Promise<Explanation | undefined> {
  const [facts, seen] = await Promise.all([
    askStore('explain the fleet', () => factsOf(deps, name)),
    workerSeen(deps.temporal, deps.namespace),
  ])
  if (!facts) return undefined
  return explainFleet({ ...facts, ...(seen !== undefined && { workerSeen: seen }) }, deps.clock())
}

async function factsOf({ store, clock }: ApiDeps, name: string): Promise<FleetFacts | undefined> {
  const fleet = await store.fleets.get(name)
  if (!fleet) return undefined
  const [hosts, spec] = await Promise.all([allHosts(store, { fleet: name }), store.specs.get(fleet.specHash)])
  const now = clock()
  const holds = spec ? await store.holds.active(spec.region, now) : []
  return { ...fleet, hosts, holds: holds.filter((hold) => spec && concerns(hold, name, spec)) }
}

/** True when a launch of this fleet may be stopped by the hold. */
const concerns = (hold: Parameters<typeof touches>[0], fleet: string, { imageId, placements }: HostSpec) =>
  placements.some(({ zone, instanceType }) => touches(hold, { imageId, zone, instanceType, fleet }))
