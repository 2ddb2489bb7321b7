import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyFleets } from '../../cli/stack/fleets.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { DEFAULT_POLICY, type FleetPolicy } from '../../domain/fleet/policy.ts'
import { emulatedSpec } from '../support/emulated-spec.ts'
import { CONTROLLER } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'
import { talkTo } from './talk.ts'

const AT_ONCE: FleetPolicy = {
  ...DEFAULT_POLICY,
  rollout: { ...DEFAULT_POLICY.rollout, maxUnavailable: '100%', onApply: 'roll' },
}
const QUICK = { heartbeatSeconds: 1, heartbeatTimeoutMs: 30_000 }

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', fleetLookEveryMs: 500 })
})
afterAll(() => world?.close())

const { stateOf } = talkTo(() => world)

it('a fleet that is kept in doubt is told all the same where the API is now, once, and nothing else', async () => {
  const host = 'doubted/00001'
  await world.startFleet('doubted', 1, QUICK, { policy: AT_ONCE })
  await world.until(host, 'ready')
  const before = await stateOf('doubted')
  const api = { url: 'http://127.0.0.1:4711', keyId: 'next' }
  const policy: FleetPolicy = { ...AT_ONCE, overAskPercent: 10 }
  const start = async () => {
    const installation = { controller: CONTROLLER, namespaceId: world.temporal.namespaceId, api }
    const fleet = { name: 'doubted', size: 1, host: emulatedSpec({ ...QUICK, tags: { release: 'june' } }) }
    const [change] = await applyFleets(
      world,
      installation,
      [{ ...fleet, policy }],
      { by: 'muster dev', why: 'as the config says' },
      { keepDoubtful: true },
    )
    return change
  }

  expect(await start()).toMatchObject({ outcome: 'kept', doubts: [expect.any(String)], toldApi: true })
  await waitFor('the host to know it, too', async () => (await world.state(host)).api?.keyId === 'next')
  const told = await stateOf('doubted')
  expect(told.api).toEqual(api)
  expect((await world.state(host)).api).toEqual(api)
  const { specHash, desired } = before
  expect(told).toMatchObject({ specHash, policy: AT_ONCE, desired })
  expect(told.rollout).toBeUndefined()
  expect(world.instances()).toMatchObject([{ host, attempt: 1 }])

  const again = await start()
  expect(again).toMatchObject({ outcome: 'kept' })
  expect(again).not.toHaveProperty('toldApi')
  const rows = await world.store.audit.list({ target: 'fleet doubted' })
  const ofStarts = rows.filter(({ who }) => who === 'muster dev')
  expect(ofStarts.map(({ what }) => what)).toEqual(['API http://127.0.0.1:4711, key next'])
})
