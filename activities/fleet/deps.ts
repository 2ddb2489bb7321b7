import type { Client } from '@temporalio/client'
import type { Store } from '../../store/contract.ts'

/** What fleet activities need of the world. */
export interface FleetActivityDeps {
  temporal: Client
  store: Store
  clock: () => number
}

/** Hosts asked at the same time: the server takes updates one after another per workflow, but many workflows at once. */
export const CONCURRENCY = 20
