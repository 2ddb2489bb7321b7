import { MockActivityEnvironment } from '@temporalio/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFleetActivities } from '../../activities/fleet/index.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
})
afterAll(() => world?.close())

it('hosts that a dead worker had told to begin anew are not told again by the next one', async () => {
  const host = await world.startHost(1)
  const { spec, specHash } = await world.until(host, 'ready')
  const { store, client: temporal } = world
  const activities = createFleetActivities({ store, temporal, clock: Date.now, log: world.log })
  const input = { fleet: 'render', slots: [1], specHash, spec, by: 'fleet', why: 'a rollout' }
  const tryIt = async (attempt: number, activityId: string) =>
    await new MockActivityEnvironment({ attempt, activityId }).run(
      async () => await activities.replaceHosts(input),
    )
  await tryIt(1, '7')
  await world.until(host, 'ready', 2)
  const second = await world.when(host, 'to watch', ({ step }) => step === 'watch')
  for (const attempt of [2, 3]) await tryIt(attempt, '7')
  const { phase, wish, current } = await world.state(host)
  expect({ phase, wish, current }).toEqual({ phase: 'ready', wish: undefined, current: second.current })
  await tryIt(1, '8')
  await world.until(host, 'ready', 3)
})
