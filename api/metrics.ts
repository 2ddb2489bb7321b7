import { Counter, Histogram, Registry } from 'prom-client'
import type { Store } from '../store/contract.ts'
import { createFleetGauges } from './fleet-gauges.ts'
import { createHoldGauge } from './hold-gauge.ts'

export type Metrics = ReturnType<typeof createMetrics>

/**
 * One registry for each app: several can live in one process.
 * @param store asked for holds and fleets whenever somebody looks
 */
export function createMetrics(store: Pick<Store, 'fleets' | 'hosts' | 'holds'>, clock: () => number) {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'muster_http_requests_total',
      help: 'Requests answered, by route pattern and status',
      labelNames: ['method', 'route', 'status'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'muster_http_request_seconds',
      help: 'Time to answer, by route pattern',
      labelNames: ['route'] as const,
      // From a beat on loopback to the deadline of an update.
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    beats: new Counter({
      name: 'muster_agent_beats_total',
      help: 'Beats of agents, by what became of them',
      labelNames: ['outcome'] as const,
      registers,
    }),
    started: new Counter({
      name: 'muster_agent_started_total',
      help: 'Starts passed on to host workflows',
      labelNames: ['liveness'] as const,
      registers,
    }),
    gone: new Counter({
      name: 'muster_agent_gone_total',
      help: 'Answers 410: agents told that their attempt is over',
      registers,
    }),
    holds: createHoldGauge(registry, () => store.holds.list({ limit: 1_000 }, clock())),
    fleets: createFleetGauges(registry, store),
    temporalErrors: new Counter({
      name: 'muster_temporal_errors_total',
      help: 'Calls that Temporal did not answer, by call',
      labelNames: ['call'] as const,
      registers,
    }),
  }
}
