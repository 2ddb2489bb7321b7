import type { WorkflowExecutionStatusName } from '@temporalio/client'

const ENDED: ReadonlySet<WorkflowExecutionStatusName> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
])

/** False for one that a person has paused, and for what a newer server may say: only what has ended is gone. */
export const hasEnded = (status: WorkflowExecutionStatusName): boolean => ENDED.has(status)
