import type { Client, WorkflowHandle } from '@temporalio/client'
import { tsToMs } from '@temporalio/common/lib/time.js'

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

/** What one run of a workflow has written down. */
export interface RunHistory {
  events: number
  /** From the worker's taking a workflow task to its answer, ms. */
  taskMs: number[]
}

/** Every run of a workflow that has continued as new, oldest first. */
export async function runHistories(client: Client, workflowId: string): Promise<RunHistory[]> {
  const runs: RunHistory[] = []
  for (let runId: string | undefined; ;) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    runs.unshift({ events: events?.length ?? 0, taskMs: taskTimes(events ?? []) })
    const before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId
    if (!before) return runs
    runId = before
  }
}

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number]

function taskTimes(events: HistoryEvent[]): number[] {
  const startedAt = new Map<string, number>()
  const times: number[] = []
  for (const { eventId, eventTime, workflowTaskStartedEventAttributes, ...event } of events) {
    const at = tsToMs(eventTime)
    if (workflowTaskStartedEventAttributes) startedAt.set(String(eventId), at)
    const { startedEventId } = event.workflowTaskCompletedEventAttributes ?? {}
    const began = startedAt.get(String(startedEventId))
    if (began !== undefined) times.push(at - began)
  }
  return times
}
