import { reasonOf } from './errors.ts'
import type { ApiDeps } from './deps.ts'
import type { Reachability } from './reachability.ts'

/** How often a pulse is written: twice within the shortest grace of a silent host, which needs one to be judged. */
export const PULSE_EVERY_MS = 3_000
/** A longer pause between two pulses means that this process, or its machine, stood still. */
const MAX_GAP_MS = 30_000

/**
 * Tells the store that this API takes beats. Silence of hosts is judged against it: an outage of ours must never look
 * like silent hosts. So a pulse is written only while Temporal and the store answer and beats get through, and `startedAt` is
 * when that began: every interruption moves it.
 */
export interface Pulse {
  /** @param passed false when Temporal did not take a beat */
  noteBeat(passed: boolean): void
  beat(): Promise<void>
}

export function createPulse({ store, id, clock, log }: ApiDeps, reach: Reachability): Pulse {
  let since: number | undefined
  let lastAt = 0
  let passed = 0
  let refused = 0

  function interrupt(reason: string): void {
    if (since !== undefined) log.warn({ api: id, reason }, 'this API does not take beats')
    since = undefined
  }

  return {
    noteBeat(ok) {
      if (ok) passed += 1
      else refused += 1
    },
    async beat() {
      const { temporal, store: storeAnswers } = await reach.probe()
      const mostRefused = refused > passed
      passed = refused = 0
      if (!temporal || !storeAnswers)
        return interrupt(`no answer from ${temporal ? 'the store' : 'Temporal'}`)
      if (mostRefused) return interrupt('Temporal refuses most beats')
      const now = clock()
      if (now - lastAt > MAX_GAP_MS) since = undefined
      since ??= now
      try {
        await store.pulses.beat(id, since, now)
        lastAt = now
      } catch (error) {
        interrupt(reasonOf(error))
      }
    },
  }
}
