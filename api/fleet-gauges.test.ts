import { expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../domain/fleet/policy.ts'
import type { FleetStatus } from '../domain/fleet/types.ts'
import { recordHost, stageApi } from './testing.ts'
import type { Stage } from './testing.ts'

const CALM: FleetStatus = { surge: 0, replacing: 0, extra: 0, marks: [], policy: DEFAULT_POLICY }

async function tellFleet(api: Stage, seq: number, status: FleetStatus): Promise<void> {
  const row = { name: 'render', desired: 4, paused: false, specHash: 's', slots: [], seq, note: '' }
  await api.store.fleets.record({ ...row, status, updatedAt: 1 })
}

const metricsOf = async (api: Stage): Promise<string[]> => {
  const lines = (await (await api.ask('/metrics')).text()).split('\n')
  return lines.filter((line) => line.startsWith('muster_fleet_'))
}

const alarm = (name: string, value: 0 | 1) => `muster_fleet_alarm{fleet="render",alarm="${name}"} ${value}`

test('metrics say how many hosts a fleet is to have and has, and what a person is woken for', async () => {
  const api = await stageApi()
  await recordHost(api.store)
  await tellFleet(api, 1, CALM)
  const { phase } = (await api.store.hosts.list({ fleet: 'render', limit: 1 }))[0] ?? {}
  expect(await metricsOf(api)).toEqual([
    'muster_fleet_wanted_hosts{fleet="render"} 4',
    `muster_fleet_hosts{fleet="render",phase="${phase}"} 1`,
    alarm('frozen', 0),
    alarm('tooManyHosts', 0),
    alarm('rolloutStopped', 0),
  ])
})

test('a freeze, too many hosts and a stopped rollout are alarms; hosts at the limit are none', async () => {
  const api = await stageApi()
  await tellFleet(api, 1, { ...CALM, overshoot: { live: 6, limit: 6 } })
  expect(await metricsOf(api)).toContain(alarm('tooManyHosts', 0))
  const rollout = {
    specHash: 's',
    by: 'anna',
    why: 'new image',
    startedAt: 1,
    left: 2,
    succeeded: 0,
    failed: 3,
  }
  await tellFleet(api, 2, {
    ...CALM,
    overshoot: { live: 7, limit: 6 },
    frozen: { since: 1, silent: 3, of: 4 },
    rollout: { ...rollout, state: 'stopped' },
  })
  expect((await metricsOf(api)).slice(-3)).toEqual([
    alarm('frozen', 1),
    alarm('tooManyHosts', 1),
    alarm('rolloutStopped', 1),
  ])
})

test('without a store nothing is told of fleets, rather than what was', async () => {
  const api = await stageApi()
  await tellFleet(api, 1, CALM)
  await api.store.close()
  expect(await metricsOf(api)).toEqual([])
})
