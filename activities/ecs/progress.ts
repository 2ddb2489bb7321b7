import { activityInfo, heartbeat } from '@temporalio/activity'
import type { z } from 'zod'

/**
 * What earlier tries of this activity found out. It travels as heartbeat details: the server keeps the last ones for the
 * next try, and a try that fails sends them before its failure. Details that make no sense (an older version of this
 * program wrote them) count as none.
 */
export function readProgress<T>(schema: z.ZodType<T>): T | undefined {
  const parsed = schema.safeParse(activityInfo().heartbeatDetails)
  return parsed.success ? parsed.data : undefined
}

export function keepProgress(progress: object): void {
  heartbeat(progress)
}
