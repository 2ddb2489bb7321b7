import { Gauge, type Registry } from 'prom-client'
import type { HoldRow } from '../store/contract.ts'

const SCOPES = ['placement', 'image', 'fleet'] as const
const STATES = ['open', 'half-open'] as const

/**
 * What the breaker stops, asked of the store whenever somebody looks.
 * @param openHolds when it fails, nothing is reported rather than a former value
 */
export function createHoldGauge(registry: Registry, openHolds: () => Promise<HoldRow[]>) {
  return new Gauge({
    name: 'muster_open_holds',
    help: 'What the breaker stops now, by scope and state; gone while the store does not answer',
    labelNames: ['scope', 'state'] as const,
    registers: [registry],
    async collect() {
      this.reset()
      const holds = await openHolds().catch(() => undefined)
      if (!holds) return
      for (const scope of SCOPES) {
        for (const state of STATES) {
          const count = holds.filter((hold) => hold.scope === scope && hold.state === state).length
          this.set({ scope, state }, count)
        }
      }
    },
  })
}
