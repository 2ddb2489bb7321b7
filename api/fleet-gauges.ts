import { Gauge, type Registry } from 'prom-client'
import type { FleetRow, Store } from '../store/contract.ts'

/** What of a fleet a person is woken for. */
const ALARMS = {
  frozen: ({ status }) => status?.frozen !== undefined,
  tooManyHosts: ({ status }) => (status?.overshoot?.live ?? 0) > (status?.overshoot?.limit ?? 0),
  rolloutStopped: ({ status }) => status?.rollout?.state === 'stopped',
} satisfies Record<string, (fleet: FleetRow) => boolean>

interface Seen {
  fleets: FleetRow[]
  hosts: Awaited<ReturnType<Store['hosts']['counts']>>
}

/** Sizes and alarms of the fleets, asked of the store whenever somebody looks; gone while it does not answer. */
export function createFleetGauges(registry: Registry, { fleets, hosts }: Pick<Store, 'fleets' | 'hosts'>) {
  const look = shared(async () => ({ fleets: await fleets.list(), hosts: await hosts.counts() }))
  const gauge = (name: string, help: string, labels: string[], set: (to: Gauge, seen: Seen) => void) =>
    new Gauge({
      name,
      help: `${help}; gone while the store does not answer`,
      labelNames: ['fleet', ...labels],
      registers: [registry],
      async collect() {
        this.reset()
        const seen = await look().catch(() => undefined)
        if (seen) set(this, seen)
      },
    })
  return [
    gauge('muster_fleet_wanted_hosts', 'Hosts that the fleet is to have', [], (to, seen) => {
      for (const { name, desired } of seen.fleets) to.set({ fleet: name }, desired)
    }),
    gauge('muster_fleet_hosts', 'Hosts of the fleet, by phase', ['phase'], (to, seen) => {
      for (const [fleet, phases] of Object.entries(seen.hosts))
        for (const [phase, count] of Object.entries(phases)) to.set({ fleet, phase }, count)
    }),
    gauge('muster_fleet_alarm', '1 where a person should look', ['alarm'], (to, seen) => {
      for (const fleet of seen.fleets)
        for (const [alarm, isOn] of Object.entries(ALARMS))
          to.set({ fleet: fleet.name, alarm }, Number(isOn(fleet)))
    }),
  ]
}

/** Those who ask while an answer is on its way get the same one: three gauges are one look. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask().finally(() => (asked = undefined))
    return asked
  }
}
