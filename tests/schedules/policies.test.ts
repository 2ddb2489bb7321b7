import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRuns, type ScheduleRun } from '../../api/temporal/schedule-runs.ts'
import type { ServerSchedule } from '../../api/temporal/schedules.ts'
import { waitFor } from '../../cli/wait-for.ts'
import type { FleetState } from '../../domain/fleet/types.ts'
import { fleetWorkflowId } from '../../domain/ids.ts'
import { FLEET_QUERIES } from '../../domain/messages.ts'
import type { Overlap } from '../../domain/schedules/types.ts'
import { createWorld, type World } from '../support/world.ts'
import { scheduleOf, scheduleStage } from './stage.ts'

let world: World
beforeAll(async () => {
  world = await createWorld({ server: 'dev' })
  // Nobody answers for this fleet: its update waits, and so does each run.
  await world.client.workflow.start('hostWorkflow', {
    workflowId: fleetWorkflowId('stuck'),
    taskQueue: 'nobody',
  })
  await world.startFleet('calm', 0)
})
afterAll(() => world?.close())

const { apply, serverHas, handleOf, ask } = scheduleStage(() => world)

/** What the server says of a schedule, and what became of its firings, newest first. */
interface Seen extends Pick<ServerSchedule, 'counts'> {
  runs: ScheduleRun[]
  /** Firings that wait for their turn. */
  waiting: number
}

async function look(name: string): Promise<Seen> {
  const server = await serverHas(name)
  if (server === undefined) throw new Error(`${name} is gone`)
  const { raw } = await handleOf(name).describe()
  return {
    counts: server.counts,
    // Long before a server that is asked for the end of a run would answer.
    runs: await world.client.connection.withDeadline(Date.now() + 5_000, () =>
      readRuns(world.client, server, 10),
    ),
    waiting: Number(raw.info?.bufferSize ?? 0),
  }
}

/** The server answers one question about a schedule after another: who asks all the time holds its firings up. */
const EVERY_MS = 1_000

const running = ({ runs }: Seen): number => runs.filter(({ outcome }) => outcome === 'running').length

/** What is to be seen of a schedule of every second whose runs never end on their own. */
const OVERLAP: Record<Overlap, (seen: Seen) => boolean> = {
  skip: (seen) => seen.counts.taken === 1 && seen.counts.skipped >= 2 && seen.waiting === 0,
  bufferOne: (seen) => seen.counts.taken === 1 && seen.counts.skipped >= 2 && seen.waiting === 1,
  bufferAll: (seen) => seen.counts.taken === 1 && seen.counts.skipped === 0 && seen.waiting >= 3,
  cancelOther: (seen) => seen.runs.some(({ text }) => text === 'cancelled') && running(seen) <= 1,
  terminateOther: (seen) => seen.runs.some(({ text }) => text.startsWith('terminated')) && running(seen) <= 1,
  allowAll: (seen) => running(seen) >= 3 && seen.counts.skipped === 0,
}

describe.concurrent('while its last run goes on, a schedule with the policy', () => {
  it.each(Object.entries(OVERLAP) as [Overlap, (seen: Seen) => boolean][])(
    '%s does what it says',
    async (overlap, isSeen) => {
      const name = `o-${overlap.toLowerCase()}`
      const stuck = { expression: '* * * * * *', do: { scale: { fleet: 'stuck', size: 1 } } }
      await apply(name, [scheduleOf(name, { ...stuck, overlap })])
      const seen = await waitFor(`${overlap} to show`, async () => isSeen(await look(name)), {
        timeoutMs: 60_000,
        everyMs: EVERY_MS,
      })
      expect(seen).toBe(true)
      await handleOf(name).delete()
    },
  )

  it('bufferOne begins the one that waits as soon as the last run has ended', async () => {
    const stuck = { expression: '* * * * * *', do: { scale: { fleet: 'stuck', size: 1 } } }
    await apply('w-', [scheduleOf('w-one', { ...stuck, overlap: 'bufferOne' })])
    await waitFor('one to wait', async () => OVERLAP.bufferOne(await look('w-one')), { everyMs: EVERY_MS })
    const [first] = (await look('w-one')).runs
    await world.client.workflow.getHandle(first?.workflowId ?? '').terminate('its time is over')
    const after = await waitFor('the other to begin', async () => {
      const seen = await look('w-one')
      return seen.counts.taken === 2 && seen
    })
    expect(after.runs.map(({ text }) => text)).toEqual(['under way', 'terminated: its time is over'])
    await handleOf('w-one').delete()
  })
})

describe.concurrent('a schedule', () => {
  const calm = { do: { scale: { fleet: 'calm', size: 0 } } }

  it('with jitter fires later than its time, by less than the jitter', async () => {
    await apply('jit-', [scheduleOf('jit-one', { ...calm, expression: '*/5 * * * * *', jitterMs: 4_000 })])
    const { runs } = await waitFor('three runs', async () => {
      const seen = await look('jit-one')
      return seen.runs.length >= 3 && seen
    })
    const late = runs.map(({ dueAt }) => dueAt.getTime() % 5_000)
    expect(Math.max(...late)).toBeLessThan(4_000)
    expect(late.filter((ms) => ms > 0).length).toBeGreaterThan(0)
    await handleOf('jit-one').delete()
  })

  it('that is paused fires when it is triggered or backfilled, and by itself no more', async () => {
    await apply('p-', [scheduleOf('p-one', { ...calm, expression: '* * * * * *' })])
    await ask('/v1/schedules/p-one/pause', { why: 'holiday' })
    const before = await waitFor('what was under way to end', async () => {
      const seen = await look('p-one')
      return running(seen) === 0 && seen
    })
    await ask('/v1/schedules/p-one/trigger', { why: 'once' })
    const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:03Z', why: 'missed' }
    expect((await ask('/v1/schedules/p-one/backfill', span)).json).toMatchObject({ firings: 4 })
    const after = await waitFor('five more runs', async () => {
      const seen = await look('p-one')
      return seen.counts.taken >= before.counts.taken + 5 && running(seen) === 0 && seen
    })
    expect(after.counts.taken).toBe(before.counts.taken + 5)
    const filled = after.runs.filter(({ dueAt }) => dueAt.toISOString().startsWith('2026-01-01'))
    expect(filled.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(await serverHas('p-one')).toMatchObject({ isPaused: true, stateNote: 'paused by dev: holiday' })
  })
})

it('a firing that meets no worker waits for one, a quarter of an hour beyond its catch-up, and is carried out then', async () => {
  const action = { scale: { fleet: 'calm', size: 1 } }
  await apply('n-', [scheduleOf('n-one', { do: action, catchUpMs: 60_000 })])
  await world.stopWorkers()
  await ask('/v1/schedules/n-one/trigger', { why: 'now' })
  const fired = await waitFor('it to fire', async () => {
    const { runs } = await look('n-one')
    return runs[0]
  })
  expect(fired).toMatchObject({ outcome: 'running', text: 'under way' })
  const { raw } = await world.client.workflow.getHandle(fired.workflowId).describe()
  expect(Number(raw.executionConfig?.workflowExecutionTimeout?.seconds)).toBe(16 * 60)
  await world.startWorkers()
  await waitFor('it to be done', async () => (await look('n-one')).runs[0]?.outcome === 'ok')
  const fleet = world.client.workflow.getHandle(fleetWorkflowId('calm'))
  expect(await fleet.query<FleetState>(FLEET_QUERIES.state)).toMatchObject({ desired: 1 })
  await handleOf('n-one').delete()
})
