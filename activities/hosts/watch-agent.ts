import { CompleteAsyncError } from '@temporalio/activity'

/**
 * Open until somebody else completes it: the API heartbeats it for every beat of the agent, and its heartbeat timeout is
 * what "silent" means.
 */
export async function watchAgent(): Promise<never> {
  throw new CompleteAsyncError()
}
