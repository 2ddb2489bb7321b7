import { afterAll, beforeAll, expect, it } from 'vitest'
import { fleetWorkflowId, hostId, hostWorkflowId } from '../../domain/ids.ts'
import { createWorld, type World } from '../support/world.ts'
import { createMonth, FLEET, type Run } from './month.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAYS = 30
const SIZE = { night: 1, day: 3 }
/** No multiple of the time between two looks, which hosts that end would interrupt each day. */
const DAYTIME_MS = 12 * HOUR - 13 * MINUTE
const MOST_EVENTS = 2_000

let world: World
beforeAll(async () => {
  // A look costs the server some milliseconds, however much time is skipped between two: fewer of them make the month short.
  world = await createWorld({
    server: 'skip',
    agents: 'none',
    cloudGridMs: 10,
    visibleAfterMs: 10,
    checkEveryMs: 30 * MINUTE,
    fleetLookEveryMs: HOUR,
  })
})
afterAll(() => world?.close())

const longest = (runs: Run[]): number => Math.max(...runs.map(({ events }) => events))
const continued = (runs: Run[], workflowId: string): number =>
  runs.filter((run) => run.workflowId === workflowId && run.continued).length

it(
  'thirty days of growing, shrinking, rolling and losing hosts leave a whole fleet and short histories',
  { timeout: 300_000 },
  async () => {
    const month = createMonth(world)
    await world.startFleet(FLEET, SIZE.night, { bootTimeoutMs: 20 * MINUTE })
    await month.untilWhole(SIZE.night)
    const began = await month.now()
    const scale = (size: number) => month.act({ scale: { fleet: FLEET, size } })
    for (let day = 1; day <= DAYS; day += 1) {
      await scale(SIZE.day)
      await month.untilWhole(SIZE.day)
      await month.noteRuns()
      if (day % 7 === 0) {
        await month.act({ roll: { fleet: FLEET } })
        await month.untilWhole(SIZE.day)
      }
      if (day % 10 === 0) await loseOne(month)
      await month.pass(DAYTIME_MS)
      await scale(SIZE.night)
      await month.untilWhole(SIZE.night)
      await month.noteRuns()
      const midnight = began + day * 24 * HOUR
      await month.pass(Math.max(0, midnight - (await month.now())))
    }
    expect((await month.now()) - began).toBeGreaterThanOrEqual(DAYS * 24 * HOUR)
    await month.untilWhole(SIZE.night)
    // Each hour, and oftener while it changes, this fleet is compared with what Temporal has.
    expect(month.lists()).toBeGreaterThanOrEqual(DAYS * 22)
    const runs = await month.runs()
    expect(longest(runs)).toBeLessThanOrEqual(MOST_EVENTS)
    expect(continued(runs, fleetWorkflowId(FLEET))).toBeGreaterThanOrEqual(2)
    const nights = [1, 2, 3, 4].map((slot) => continued(runs, hostWorkflowId(hostId(FLEET, slot))))
    // Whoever is the one that stays overnight goes on as a new run each day.
    expect(Math.max(...nights)).toBeGreaterThanOrEqual(5)
    for (const slot of [1, 2, 3, 4]) expect(world.live.most(hostId(FLEET, slot))).toBeLessThanOrEqual(1)
  },
)

/** An instance vanishes in the middle of the day; nobody is told. */
async function loseOne(month: ReturnType<typeof createMonth>): Promise<void> {
  const [one] = world.instances()
  const made = () => [1, 2, 3, 4].reduce((sum, slot) => sum + world.live.made(hostId(FLEET, slot)), 0)
  const before = made()
  world.emulator.addFault({
    match: { instanceId: one?.id ?? '' },
    effect: { type: 'vanish', afterSeconds: 0 },
  })
  while (made() === before) await month.pass(MINUTE)
  await month.untilWhole(SIZE.day)
}
