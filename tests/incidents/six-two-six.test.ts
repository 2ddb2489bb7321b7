import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { countSlots, expand } from '../../domain/fleet/slots.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { hostId, parseHostId } from '../../domain/ids.ts'
import { FLEET_QUERIES, FLEET_UPDATES } from '../../domain/messages.ts'
import { agentOf, type HandAgent } from '../support/hand-agent.ts'
import { createWorld, type World } from '../support/world.ts'

const FLEET = 'swinging'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev', agents: 'none' })
})
afterAll(() => world?.close())

const liveSlots = () =>
  world
    .instances()
    .map(({ host }) => parseHostId(host).slot)
    .toSorted((a, b) => a - b)

it('incident 14: 6 → 2 → 6 while all hosts boot ends with six, none twice and none left over', async () => {
  const fleet = await world.startFleet(FLEET, 6, { heartbeatTimeoutMs: 20_000 })
  const resize = (size: number) =>
    fleet.executeUpdate(FLEET_UPDATES.resize, { args: [{ by: 'test', why: 'to swing', size }] })
  await waitFor('six instances that boot', () => world.instances().length === 6)
  await resize(2)
  await resize(6)
  await resize(2)
  await waitFor('four to leave', () => world.instances().length <= 2)
  await resize(6)
  const active = await waitFor(
    'six hosts to boot, and nothing else',
    async () => {
      const state = await fleet.query<FleetState>(FLEET_QUERIES.state)
      const slots = expand(state.active)
      return (
        slots.length === 6 &&
        countSlots(state.retiring) === 0 &&
        String(liveSlots()) === String(slots) &&
        slots
      )
    },
    { timeoutMs: 60_000 },
  )
  const agents: HandAgent[] = []
  for (const slot of active) {
    const host = hostId(FLEET, slot)
    await world.when(host, 'to await its agent', ({ step }) => step === 'awaitStarted')
    const agent = await agentOf(world, host)
    expect(await agent.started()).toBe(202)
    agent.keepBeating()
    agents.push(agent)
    await world.until(host, 'ready')
  }
  expect(liveSlots()).toEqual(active)
  for (let slot = 1; slot <= 8; slot += 1) {
    expect(world.live.most(hostId(FLEET, slot)), `slot ${slot}`).toBeLessThanOrEqual(1)
  }
  for (const agent of agents) agent.stopBeating()
  await fleet.terminate('the test has ended')
})
