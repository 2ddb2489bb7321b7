import type { Client } from '@temporalio/client'
import type { Store } from '../../store/contract.ts'
import type { Log } from '../deps.ts'

/** What fleet activities need of the world. */
export interface FleetActivityDeps {
  temporal: Client
  store: Store
  clock: () => number
  log: Log
  /** How often a fleet where nothing is to be done is looked at; default 30 s. */
  lookEveryMs?: number
  /** How often such a look compares with Temporal’s own list of workflows; default 10 min. */
  resyncEveryMs?: number
}

/** Hosts asked at the same time: the server takes updates one after another per workflow, but many workflows at once. */
export const CONCURRENCY = 20

/**
 * One host's answer is waited for this long: an update is answered by the host's own workflow, and one that is broken must
 * not hold up the others. 200 hosts, 20 at a time, stay within the activity's minute.
 */
export const SLOT_DEADLINE_MS = 5_000
