import type { Waiting, QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { BenchContext } from '../row.ts'
import { quickBundle } from './bundles.ts'
import { startChild } from './child.ts'
import { onGround } from './ground.ts'
import { RIVAL_QUEUE } from './lives.ts'
import { inFlight, numbersFrom } from './pool.ts'

/** As many as the fleet starts at the same time. */
const AT_ONCE = 20

/**
 * The floor of a fleet: so many bare workflows (launch, wait for the word, delete), all under way together, on a server
 * and a worker of their own.
 * @returns ms from the first start to the last end
 */
export async function bareLives(context: BenchContext, count: number): Promise<number> {
  return await onGround(context, async ({ temporal, folder, cleanup }) => {
    const { client, address } = temporal
    const codePath = await quickBundle('rivals', folder)
    const options: QuickWorkerOptions = { address, codePath, queue: RIVAL_QUEUE, prefix: 'rival-' }
    const child = await startChild<QuickWorkerOptions, Waiting>(
      { context, role: 'quickWorker', options },
      cleanup,
    )
    const lost = Promise.withResolvers<never>()
    lost.promise.catch(() => {}) // told by the race below
    child.onEvent = ({ workflowId, for: what }) => {
      if (what === 'boot') client.workflow.getHandle(workflowId).signal('started').catch(lost.reject)
    }
    const began = performance.now()
    const slots = numbersFrom(1, count)
    await inFlight(slots, AT_ONCE, (slot) =>
      client.workflow.start('bareLife', { workflowId: `bare/${slot}`, taskQueue: RIVAL_QUEUE }),
    )
    const ended = inFlight(slots, AT_ONCE, (slot) => client.workflow.getHandle(`bare/${slot}`).result())
    await Promise.race([ended, lost.promise])
    return performance.now() - began
  })
}
