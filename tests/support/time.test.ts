import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { hostWorkflowId } from '../../domain/ids.ts'
import { hasActivities, passTime, virtualNow } from './time.ts'
import { createWorld, type World } from './world.ts'

const HOUR = 3_600_000

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'skip', agents: 'none' })
})
afterAll(() => world?.close())

it('virtual time goes on after a workflow ended while one of its activities was under way', async () => {
  world.emulator.addFault({ action: 'RunInstances', effect: { type: 'hang' } })
  const host = await world.startHost(1)
  await waitFor('the launch to be under way', () => world.launches(host).length > 0)
  await world.handle(host).terminate('gone')
  const { testService } = world.temporal.connection
  if (!testService) throw new Error('the server skips no time')
  const before = await virtualNow(testService)
  await passTime(testService, HOUR, () => hasActivities(world.client, hostWorkflowId(host)))
  expect((await virtualNow(testService)) - before).toBeGreaterThanOrEqual(HOUR)
})
