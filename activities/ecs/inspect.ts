import { z } from 'zod'
import type { Inspection, InstanceInput } from '../contract.ts'
import type { CloudInstance } from './api.ts'
import { notYet } from './failure.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

const inspectProgress = z.object({ absent: z.literal(true) })

/**
 * Is a silent instance still there? It must be found absent twice: one empty list (which a restricted permission gives,
 * too) must not cost a host. The record is written first: hosts that fell silent together must all be recorded as
 * silent when the first of them is judged, and a look may have to wait for the grid.
 */
export async function inspectSilent(work: EcsWork, input: InstanceInput): Promise<Inspection> {
  const { store, clock } = work.deps
  await store.hosts.record(input.record, clock())
  const instance = await work.region(input.region).look(input.instanceId)
  if (!instance && !readProgress(inspectProgress)) {
    keepProgress({ absent: true })
    throw notYet(`${input.instanceId} is not listed; asked once more to be sure`, work.failureContext(input))
  }
  return judgePresence(input.instanceId, instance)
}

/** Whether the host still has that instance. */
export function judgePresence(id: string, instance: CloudInstance | undefined): Inspection {
  if (!instance) return { outcome: 'gone', reason: `the cloud no longer lists ${id}` }
  if (instance.locks.includes('Recycling'))
    return { outcome: 'reclaimed', reason: `the cloud is taking ${id} back (Recycling)` }
  if (instance.status === 'Stopped' || instance.status === 'Stopping') {
    return { outcome: 'gone', reason: `${id} is ${instance.status} in the cloud` }
  }
  return { outcome: 'alive' }
}
