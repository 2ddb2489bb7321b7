import type { Client } from '@temporalio/client'

/** How many events of each type a workflow has. */
export async function eventTypes(client: Client, workflowId: string): Promise<Map<string, number>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  const counts = new Map<string, number>()
  for (const { eventType } of events ?? []) {
    const name = String(eventType)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

export const total = (counts: Map<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)
