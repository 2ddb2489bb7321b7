import type { Client } from '@temporalio/client'
import type { SweepPolicy } from '../../domain/sweep/types.ts'
import type { Store } from '../../store/contract.ts'
import type { Log } from '../deps.ts'
import type { EcsApi } from '../ecs/api.ts'

/** What the sweep needs of the world. */
export interface SweepActivityDeps {
  /** The cloud of a region; the same object for every call. */
  ecs(region: string): EcsApi
  temporal: Client
  store: Pick<Store, 'fleets' | 'hosts' | 'audit' | 'prune'>
  /** Wall clock, ms since 1970. */
  clock: () => number
  log: Log
  /** What the config says; what it does not say is the default. */
  sweep?: Partial<SweepPolicy>
  /** How long journal, audit and evidence are kept, ms; default 90 days. */
  keepMs?: number
  /** Grid of the looks at instances before they are deleted; default 5 s. */
  cloudGridMs?: number
}
