import { z } from 'zod'
import type { AwaitLostInput, LossAnswer } from '../contract.ts'
import { notYet, notYetFor } from './failure.ts'
import { judgePresence } from './inspect.ts'
import { keepProgress, readProgress } from './progress.ts'
import type { EcsWork } from './region-calls.ts'

const lostProgress = z.object({ absent: z.boolean() })

/** A host that cannot beat, or drains, is looked at this often instead. */
const DEFAULT_CHECK_EVERY_MS = 5 * 60_000

/** One look; the instance being there is asked again later. Absence must be seen twice in a row, as in `inspectSilent`. */
export async function awaitLost(work: EcsWork, input: AwaitLostInput): Promise<LossAnswer> {
  const { store, clock, checkEveryMs = DEFAULT_CHECK_EVERY_MS } = work.deps
  const before = readProgress(lostProgress)
  if (!before) await store.hosts.record(input.record, clock())
  const instance = await work.region(input.region).look(input.instanceId)
  if (!instance && !before?.absent) {
    keepProgress({ absent: true })
    throw notYet(`${input.instanceId} is not listed; asked once more to be sure`, work.failureContext(input))
  }
  // Its time to drain is its own until the cloud has taken it.
  const seen = instance && input.drains ? { ...instance, locks: [] } : instance
  const presence = judgePresence(input.instanceId, seen)
  if (presence.outcome !== 'alive') return presence
  keepProgress({ absent: false })
  throw notYetFor(`${input.instanceId} is there, as it should be`, checkEveryMs)
}
