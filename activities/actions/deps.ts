import type { Client } from '@temporalio/client'
import type { Store } from '../../store/contract.ts'

/** What actions of schedules need of the world. */
export interface ActionDeps {
  temporal: Client
  store: Pick<Store, 'audit'>
  /** Wall clock, ms since 1970. */
  clock: () => number
}
