import { touches } from '../../domain/breaker/hold.ts'
import { explainFleet, type Explanation, type FleetFacts } from '../../domain/fleet/explain.ts'
import type { HostId } from '../../domain/ids.ts'
import type { HostSpec } from '../../domain/spec.ts'
import type { HostRow } from '../../store/contract.ts'
import type { ApiDeps } from '../deps.ts'
import { askStore } from '../store-call.ts'

const PAGE = 1_000

/** Why a fleet is as it is; undefined when there is none of that name. */
export async function explain(deps: ApiDeps, name: string): Promise<Explanation | undefined> {
  const facts = await askStore('explain the fleet', () => factsOf(deps, name))
  return facts && explainFleet(facts, deps.clock())
}

async function factsOf({ store, clock }: ApiDeps, name: string): Promise<FleetFacts | undefined> {
  const fleet = await store.fleets.get(name)
  if (!fleet) return undefined
  const [hosts, spec] = await Promise.all([allHosts({ store }, name), store.specs.get(fleet.specHash)])
  const now = clock()
  const holds = spec ? await store.holds.active(spec.region, now) : []
  return { ...fleet, hosts, holds: holds.filter((hold) => spec && concerns(hold, name, spec)) }
}

/** True when a launch of this fleet may be stopped by the hold. */
const concerns = (hold: Parameters<typeof touches>[0], fleet: string, { imageId, placements }: HostSpec) =>
  placements.some(({ zone, instanceType }) => touches(hold, { imageId, zone, instanceType, fleet }))

async function allHosts({ store }: Pick<ApiDeps, 'store'>, fleet: string): Promise<HostRow[]> {
  const rows: HostRow[] = []
  let after: HostId | undefined
  do {
    const page = await store.hosts.list({ fleet, limit: PAGE, ...(after !== undefined && { after }) })
    rows.push(...page)
    after = page.length === PAGE ? page.at(-1)?.host : undefined
  } while (after !== undefined)
  return rows
}
