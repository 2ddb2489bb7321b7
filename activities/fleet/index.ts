import type { FleetActivities } from '../contract.ts'
import type { FleetActivityDeps } from './deps.ts'
import { awaitFleetChange } from './await-fleet-change.ts'
import { observeFleet } from './observe-fleet.ts'
import { startHosts } from './start-hosts.ts'
import { applySpecToHosts, replaceHosts, retireHosts } from './tell-hosts.ts'

export type { FleetActivityDeps } from './deps.ts'

/** The activities of fleet workflows, with their dependencies passed in. */
export function createFleetActivities(deps: FleetActivityDeps): FleetActivities {
  return {
    observeFleet: (input) => observeFleet(deps, input),
    awaitFleetChange: (input) => awaitFleetChange(deps, input),
    startHosts: (input) => startHosts(deps, input),
    retireHosts: (input) => retireHosts(deps, input),
    applySpecToHosts: (input) => applySpecToHosts(deps, input),
    replaceHosts: (input) => replaceHosts(deps, input),
  }
}
