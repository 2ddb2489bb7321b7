import type { AgentCommand } from '../../domain/wire.ts'
import { reasonOf } from '../errors.ts'
import type { ApiDeps } from '../deps.ts'
import type { AgentIdentity } from './auth.ts'

/** A command must be on its way with the first beat that comes this long after it was written, or sooner. */
const MAX_AGE_MS = 2_000

/**
 * Which attempts have commands waiting, asked once a second for all of them: a beat of a host without any costs no
 * query. An answer older than 2 s is not believed; that beat then asks for itself. It holds for any number of API
 * processes, because nothing is remembered but what the store said.
 */
export interface CommandWatch {
  refresh(): Promise<void>
  /** Oldest first. None when the store does not answer: they come with a later beat. */
  pending(agent: AgentIdentity): Promise<AgentCommand[]>
}

export function createCommandWatch({ store, clock, log }: ApiDeps): CommandWatch {
  let waiting: ReadonlySet<string> = new Set()
  let askedAt = -Infinity

  return {
    async refresh() {
      const at = clock()
      const keys = await store.commands.waiting()
      waiting = new Set(keys.map(({ host, generation, attempt }) => `${host} ${generation} ${attempt}`))
      askedAt = at
    },
    async pending({ key, name }) {
      if (Math.abs(clock() - askedAt) <= MAX_AGE_MS && !waiting.has(name)) return []
      try {
        return await store.commands.pending(key)
      } catch (error) {
        log.warn({ host: key.host, reason: reasonOf(error) }, 'commands could not be read for a beat')
        return []
      }
    },
  }
}
