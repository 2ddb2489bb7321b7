import { WorkflowNotFoundError } from '@temporalio/client'
import type { WorkflowExecutionStatusName, WorkflowHandle } from '@temporalio/client'

const ENDED: ReadonlySet<WorkflowExecutionStatusName> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
])

/** False for one that a person has paused, and for what a newer server may say: only what has ended is gone. */
export const hasEnded = (status: WorkflowExecutionStatusName): boolean => ENDED.has(status)

/** By `describe()` alone, which needs no worker and never lags; false when there is none. */
export async function isRunning(handle: WorkflowHandle): Promise<boolean> {
  try {
    return !hasEnded((await handle.describe()).status.name)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
