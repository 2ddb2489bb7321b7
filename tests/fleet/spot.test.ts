import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agentOf } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'
import { talkTo } from './talk.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY } from '../../domain/fleet/policy.ts'
import type { HostSpec } from '../../domain/spec.ts'

const PLACE = { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-bp1default0000000000h', instanceType: 'ecs.c7.large' }
/** As `spot: { fallback: true }` of the config makes it. */
const SPOT: Partial<HostSpec> = {
  placements: [
    { ...PLACE, spot: {} },
    { ...PLACE, fallback: true },
  ],
  heartbeatTimeoutMs: 30_000,
  drainTimeoutMs: 60_000,
}
/** The longest note about stock, and a moment. */
const NOTED_MS = 11 * 60_000

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', fleetLookEveryMs: 500 })
})
afterAll(() => world?.close())

const { fleetOf, stateOf, ask } = talkTo(() => world)

const strategies = (host: string) =>
  world.launches(host).map(({ parameters }) => parameters['SpotStrategy'] ?? 'NoSpot')
const readyHosts = async (fleet: string) =>
  (await world.store.hosts.list({ fleet, phases: ['ready'] })).map(({ host }) => host)

// One after another: what one host learns of a place all hosts know.
describe('a fleet of spot hosts', () => {
  it('takes on-demand while spot is sold out, keeps it when there is spot again, and takes spot with the next launch', async () => {
    const { faults } = world.emulator.cloud
    world.emulator.addFault({
      action: 'RunInstances',
      match: { spotStrategy: 'Spot*' },
      effect: { type: 'stockOut' },
    })
    await world.startFleet('dear', 1, SPOT, { policy: DEFAULT_POLICY })
    await world.until('dear/00001', 'ready')
    expect(strategies('dear/00001')).toEqual(['SpotAsPriceGo', 'NoSpot'])
    const journal = await world.journal('dear/00001')
    expect(journal).toContainEqual(expect.stringMatching(/^refused: .*NoStock/))
    expect(journal.filter((line) => line.startsWith('planned: '))).toEqual([
      expect.stringContaining('(spot)'),
      expect.not.stringContaining('(spot)'),
    ])

    faults.clear()
    world.skipClock(NOTED_MS)
    await ask('dear', 'roll')
    await waitFor(
      'the fleet to see that nothing is old',
      async () => (await stateOf('dear')).rollout?.state === 'done',
    )
    expect(strategies('dear/00001'), 'nobody is taken from its work for a lower price').toHaveLength(2)

    await ask('dear', 'roll', { force: true })
    await world.until('dear/00001', 'ready', 2, 60_000)
    expect(strategies('dear/00002'), 'the host of surge').toEqual(['SpotAsPriceGo'])
    expect(strategies('dear/00001')).toEqual(['SpotAsPriceGo', 'NoSpot', 'SpotAsPriceGo'])
    await fleetOf('dear').terminate('the test has ended')
  })

  it('has the successor ready before a host that the cloud takes is gone', async () => {
    world.emulator.addFault({ match: { host: 'lent/00001' }, effect: { type: 'noAgent' } })
    await world.startFleet('lent', 2, SPOT)
    await world.until('lent/00001', 'booting')
    const agent = await agentOf(world, 'lent/00001')
    await agent.started()
    agent.keepBeating()
    await waitFor('both to be ready', async () => (await readyHosts('lent')).length === 2)

    expect(await agent.announce(300_000)).toBe(200)
    await waitFor('a successor', async () => String(await readyHosts('lent')) === 'lent/00002,lent/00003')
    const lent = world.instances().filter(({ host }) => host === 'lent/00001')
    expect(
      lent.map(({ id }) => id),
      'it still drains',
    ).toEqual([agent.instance.instanceId])
    expect(strategies('lent/00003')).toEqual(['SpotAsPriceGo'])

    await agent.drained()
    await waitFor('it to be gone', () => world.instances().every(({ host }) => host !== 'lent/00001'))
    await waitFor('the fleet to know', async () => String((await stateOf('lent')).active) === '2,3')
    expect(world.live.made('lent/00001'), 'no second one in its place').toBe(1)
    const journal = await world.journal('lent/00001')
    expect(journal).toContainEqual(
      expect.stringMatching(/^reclaim: the cloud takes the instance in 5:00: the metadata service/),
    )
    expect(journal).toContainEqual(
      expect.stringMatching(/^wish: retire asked by fleet lent: the cloud takes its instance/),
    )
    agent.stopBeating()
    await fleetOf('lent').terminate('the test has ended')
  })
})
