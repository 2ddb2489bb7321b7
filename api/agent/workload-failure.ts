import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { WorkloadFailedSignal } from '../../domain/messages.ts'
import type { HeartbeatRequest } from '../../domain/wire.ts'
import { workloadFailureText } from '../../domain/workload-failure-text.ts'
import type { Rate } from '../deps.ts'
import { createLru } from '../lru.ts'
import { createRateLimit } from '../rate.ts'
import type { HostCalls } from '../temporal/host-calls.ts'
import { SIGNAL_RATE } from './auth.ts'
import type { AgentIdentity } from './auth.ts'

/** Failures remembered at once. One that is forgotten is sent again, which changes nothing. */
const REMEMBERED = 20_000

/**
 * Tells a host, from a beat that says so, that its workload has failed for good. Only while the host is ready or silent:
 * before, it would not listen, and a later beat reports it.
 *
 * @throws MusterError `unavailable` when Temporal did not take it: the agent gets 503 and its next beat brings it again
 */
export type FailureReporter = (agent: AgentIdentity, beat: HeartbeatRequest, now: number) => Promise<void>

/**
 * Beats go on until the host ends, and each signal stays in its history for good: what Temporal has taken is sent once a
 * boot by each API process. The memory may be lost, because the host ignores a repetition; the rate is for agents that
 * name another boot with every beat.
 */
export function createFailureReporter(
  calls: Pick<HostCalls, 'signal'>,
  rate: Rate = SIGNAL_RATE,
): FailureReporter {
  const told = createLru<string>(REMEMBERED)
  const take = createRateLimit(rate)
  return async function reportFailure({ key, name }, { bootId, workload }, now) {
    if (told.get(name) === bootId || take(name, now) > 0) return
    const { generation, attempt } = key
    const signal: WorkloadFailedSignal = { generation, attempt, reason: workloadFailureText(workload) }
    await calls.signal(key, HOST_SIGNALS.workloadFailed, signal)
    told.set(name, bootId)
  }
}
