import { Context } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import type { SlotResult } from '../contract.ts'
import { CONCURRENCY, SLOT_DEADLINE_MS } from './deps.ts'

/**
 * Does something for every slot, several at a time, and returns which failed and why: one broken host must not stop the
 * others. Heartbeats, so that the death of a worker is noticed; ends early when the activity is cancelled.
 */
export async function eachSlot(
  temporal: Client,
  slots: number[],
  work: (slot: number) => Promise<void>,
): Promise<SlotResult> {
  const context = Context.current()
  const result: SlotResult = { done: [], failed: [] }
  await mapConcurrently(slots, CONCURRENCY, async (slot) => {
    context.cancellationSignal.throwIfAborted()
    try {
      // A deadline of the network: real time, whatever clock the rest runs by.
      await temporal.connection.withDeadline(Date.now() + SLOT_DEADLINE_MS, () => work(slot))
      result.done.push(slot)
    } catch (error) {
      result.failed.push({ slot, reason: error instanceof Error ? error.message : String(error) })
    }
    context.heartbeat(result.done.length)
  })
  return result
}
