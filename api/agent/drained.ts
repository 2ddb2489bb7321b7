import { HOST_SIGNALS } from '../../domain/messages.ts'
import type { AboutAttempt } from '../../domain/messages.ts'
import type { AgentIdentity } from './auth.ts'
import type { AgentContext } from './context.ts'

/** The workload has ended and the host takes no more. The workflow ignores what is not about its present attempt. */
export async function acceptDrained({ calls }: AgentContext, { key }: AgentIdentity): Promise<void> {
  const signal: AboutAttempt = { generation: key.generation, attempt: key.attempt }
  await calls.signal(key, HOST_SIGNALS.drained, signal)
}
