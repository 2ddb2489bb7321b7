import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createActionActivities } from '../../activities/actions/index.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { FLEET_QUERIES, FLEET_UPDATES, type FleetAnswer } from '../../domain/messages.ts'
import type { ScheduledAction } from '../../domain/schedules/actions.ts'
import type { ActionInput } from '../../domain/schedules/types.ts'
import { talkTo } from '../fleet/talk.ts'
import { CONTROLLER } from '../support/names.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', suggestNewRunAfter: 60 })
})
afterAll(() => world?.close())

const { ask, fleetOf, stateOf } = talkTo(() => world)

const inputOf = (action: ScheduledAction): ActionInput => ({
  schedule: 'weekly',
  expression: '0 0 3 * * 0',
  timezone: 'UTC',
  dialect: 'robfig-v1',
  anchor: '2026-01-01T00:00:00Z',
  do: action,
  scope: { controller: CONTROLLER, namespaceId: world.temporal.namespaceId, region: 'cn-hangzhou' },
})

/** One try of the activity of a firing. */
async function tryAction(action: ScheduledAction, firing: string) {
  const { client: temporal, store } = world
  const activities = createActionActivities({ temporal, store, clock: Date.now })
  return await activities.performAction({ input: inputOf(action), firing })
}

async function continuesAsNew(fleet: string): Promise<void> {
  const runId = async () => (await fleetOf(fleet).describe()).runId
  const first = await runId()
  for (let i = 0; (await runId()) === first && i < 60; i++) {
    await ask(fleet, i % 2 === 0 ? 'pause' : 'resume')
  }
  expect(await runId()).not.toBe(first)
}

describe.concurrent('a firing that is tried again after its fleet has continued as new', () => {
  it('rolls once, and is answered as before; the next firing rolls again', async () => {
    await world.startFleet('turned', 0)
    const roll = { roll: { fleet: 'turned' } }
    const first = await tryAction(roll, 'action/weekly-1')
    const { rollout: asked } = await stateOf('turned')
    expect(asked?.by).toBe('schedule weekly')

    await continuesAsNew('turned')
    expect(await tryAction(roll, 'action/weekly-1')).toEqual(first)
    expect((await stateOf('turned')).rollout?.startedAt).toBe(asked?.startedAt)

    await tryAction(roll, 'action/weekly-2')
    expect((await stateOf('turned')).rollout?.startedAt).toBeGreaterThan(asked?.startedAt ?? 0)
    await fleetOf('turned').terminate('the test has ended')
  })

  it('does not undo the size that a person has set between', async () => {
    await world.startFleet('sized', 0)
    const scale = { scale: { fleet: 'sized', size: 2 } }
    await ask('sized', 'pause')
    const first = await tryAction(scale, 'action/weekly-3')
    await ask('sized', 'resize', { size: 0 })
    await continuesAsNew('sized')
    expect(await tryAction(scale, 'action/weekly-3')).toEqual(first)
    expect((await stateOf('sized')).desired).toBe(0)
    await fleetOf('sized').terminate('the test has ended')
  })
})

it('a wish that would be refused by now is answered as before when it was taken', async () => {
  const fleet = await world.startFleet('marked', 1)
  const send = async (updateId: string) =>
    await fleet.executeUpdate<FleetAnswer, [object]>(FLEET_UPDATES.mark, {
      args: [{ by: 'ann', why: 'old', slots: [1] }],
      updateId,
    })
  const hasSlot = async () => (await fleet.query<FleetState>(FLEET_QUERIES.state)).active.length > 0
  await waitFor('slot 1 to be there', hasSlot)
  const first = await send('mark-1')
  await ask('marked', 'resize', { size: 0 })
  await waitFor('slot 1 to be gone', async () => !(await hasSlot()))
  await continuesAsNew('marked')
  expect(await send('mark-1')).toEqual(first)
  await expect(send('mark-2')).rejects.toThrow()
  await fleet.terminate('the test has ended')
})
