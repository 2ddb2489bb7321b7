import { z } from 'zod'
import type { InstanceInput, LossAnswer } from '../contract.ts'
import { notYet, notYetFor } from './failure.ts'
import { judgePresence } from './inspect.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

const lostProgress = z.object({ absent: z.boolean() })

/** A host that cannot beat is looked at this often instead. */
const DEFAULT_CHECK_EVERY_MS = 5 * 60_000

/** One look; the instance being there is asked again later. Absence must be seen twice in a row, as in `inspectSilent`. */
export async function awaitLost(work: EcsWork, input: InstanceInput): Promise<LossAnswer> {
  const { store, clock, checkEveryMs = DEFAULT_CHECK_EVERY_MS } = work.deps
  const before = readProgress(lostProgress)
  if (!before) await store.hosts.record(input.record, clock())
  const instance = await work.region(input.region).look(input.instanceId)
  if (!instance && !before?.absent) {
    keepProgress({ absent: true })
    throw notYet(`${input.instanceId} is not listed; asked once more to be sure`, work.failureContext(input))
  }
  const presence = judgePresence(input.instanceId, instance)
  if (presence.outcome !== 'alive') return presence
  keepProgress({ absent: false })
  throw notYetFor(`${input.instanceId} is there, as it should be`, checkEveryMs)
}
