import { CompleteAsyncError } from '@temporalio/activity'
import type { WatchInput } from '../contract.ts'
import type { HostActivityDeps } from '../deps.ts'

/**
 * Open until somebody else completes it: the API heartbeats it for every beat of the agent, and its heartbeat timeout is
 * what "silent" means. A host that was silent is written as ready here: nothing else happens to it for days.
 */
export async function watchAgent(
  { store, clock }: Pick<HostActivityDeps, 'store' | 'clock'>,
  { record }: WatchInput,
): Promise<never> {
  if (record) await store.hosts.record(record, clock())
  throw new CompleteAsyncError()
}
