import type { AttemptKey } from '../../domain/ids.ts'
import type { HostFacts } from '../../domain/wire.ts'
import type { Store } from '../../store/contract.ts'

export interface Beat {
  key: AttemptKey
  at: number
  workload: string
  load: number
  /** What the host's clock is ahead of ours, ms; behind: negative. */
  clockSkewMs?: number
}

/**
 * What agents report of themselves, written together: one statement each few seconds in place of one for every post.
 * All of it is for people to look at; what decides goes to Temporal at once.
 */
export interface BeatBuffer {
  /** @param name of the attempt; its older beat is replaced */
  add(name: string, beat: Beat): void
  addFacts(name: string, key: AttemptKey, facts: HostFacts): void
  /** Writes the beats that have come since the last write. A failed write keeps them for the next one. */
  flushBeats(): Promise<void>
  flushFacts(now: number): Promise<void>
}

export function createBeatBuffer(store: Pick<Store, 'hosts'>): BeatBuffer {
  let beats = new Map<string, Beat>()
  let facts = new Map<string, { key: AttemptKey; facts: HostFacts }>()

  async function flushBeats(): Promise<void> {
    if (beats.size === 0) return
    const taken = beats
    beats = new Map()
    try {
      await store.hosts.setBeats([...taken.values()])
    } catch (error) {
      // Newer beats of the same attempt have come meanwhile: they stand.
      beats = new Map([...taken, ...beats])
      throw error
    }
  }

  async function flushFacts(now: number): Promise<void> {
    if (facts.size === 0) return
    const taken = facts
    facts = new Map()
    try {
      await store.hosts.setFacts([...taken.values()], now)
    } catch (error) {
      facts = new Map([...taken, ...facts])
      throw error
    }
  }

  return {
    add: (name, beat) => void beats.set(name, beat),
    addFacts: (name, key, told) => void facts.set(name, { key, facts: told }),
    flushBeats,
    flushFacts,
  }
}
