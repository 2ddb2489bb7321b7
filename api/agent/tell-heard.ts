import type { AboutAttempt } from '../../domain/messages.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'
import { createRateLimit } from '../rate.ts'
import type { HostCalls } from '../temporal/host-calls.ts'
import type { AgentIdentity } from './auth.ts'

/**
 * A host looks silent until its workflow has taken the first signal, with no worker for as long as that is away; each
 * further one stays in its history and changes nothing. Beats of an honest agent come every 15 s: each of them may signal.
 */
const HEARD_RATE = { perSecond: 0.1, burst: 3 }

/**
 * Tells a silent host that its agent is heard; beyond the rate of this API process nothing, and a later beat does.
 *
 * @throws MusterError `unavailable` when Temporal did not take it, `gone` when the attempt is over
 */
export type TellHeard = (agent: AgentIdentity, now: number) => Promise<void>

/** One of these per API process: it remembers when it has told whom. */
export function createTellHeard(calls: Pick<HostCalls, 'signal'>): TellHeard {
  const take = createRateLimit(HEARD_RATE)
  return async function tellHeard({ key, name }, now) {
    if (take(name, now) > 0) return
    const heard: AboutAttempt = { generation: key.generation, attempt: key.attempt }
    await calls.signal(key, HOST_SIGNALS.heard, heard)
  }
}
