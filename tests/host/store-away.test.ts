import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitFor } from '../../cli/wait-for.ts'
import { HOST_SIGNALS, HOST_UPDATES } from '../../domain/messages.ts'
import { takeTableAway } from '../support/take-table-away.ts'
import { createWorld, type World } from '../support/world.ts'

/** Events: the others end well below it. */
const LONG_RUN = 100

describe('a store that does not answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-store-away-'))
  const file = join(folder, 'store.sqlite')
  let world: World
  beforeAll(async () => {
    world = await createWorld({ server: 'dev', storeFile: file, suggestNewRunAfter: LONG_RUN })
  })
  afterAll(async () => {
    await world?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const takeAway = (table: string) => takeTableAway(file, table)

  /** Tries of the pending activity, 0 while there is none. */
  const tries = async (host: Parameters<World['handle']>[0], activity: string): Promise<number> => {
    const { raw } = await world.handle(host).describe()
    const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity)
    return pending?.attempt ?? 0
  }

  it('is waited for by the server, which tries the step until it is back', async () => {
    const bringBack = takeAway('capacity_notes')
    const host = await world.startHost(1)
    await waitFor('planLaunch to be tried', async () => (await tries(host, 'planLaunch')) >= 2)
    expect((await world.state(host)).step).toBe('plan')
    expect(world.launches(host)).toEqual([])
    bringBack()
    await world.until(host, 'ready')
    expect(world.launches(host)).toHaveLength(1)
  })

  it('fills no history with watches that cannot be opened: the host goes on in new runs, and is heard again', async () => {
    const host = await world.startHost(3)
    await world.until(host, 'ready')
    const { generation, current } = await world.state(host)
    const bringBack = takeAway('hosts')
    // A line that is not written yet goes with each watch that is opened from now on.
    const asked = { by: 'test', why: 'the store is away' }
    const forMs = 30 * 60_000
    await world.handle(host).executeUpdate(HOST_UPDATES.preserve, { args: [{ ...asked, forMs }] })
    const runId = async () => (await world.handle(host).describe()).runId
    const nextRun = async (before: string) =>
      await waitFor('a new run', async () => (await runId()) !== before && (await runId()), {
        timeoutMs: 60_000,
      })
    const first = await runId()
    const about = { generation, attempt: current.n }
    const grow = async () => {
      for (let n = 0; n < LONG_RUN; n += 1) await world.handle(host).signal(HOST_SIGNALS.heard, about)
    }
    await grow()
    const second = await nextRun(first)
    await grow()
    const third = await nextRun(second)
    expect(third, 'the runs of a watch that fails again and again end, too').not.toBe(second)
    bringBack()
    await waitFor('the watch to be open', async () => (await tries(host, 'watchAgent')) === 1)
    expect((await world.state(host)).current).toEqual(current)
  })

  it('does not keep a wish from its answer, nor the agent from being told later', async () => {
    const host = await world.startHost(2)
    await world.until(host, 'ready')
    const bringBack = takeAway('commands')
    const answer = await world.handle(host).executeUpdate(HOST_UPDATES.retire, {
      args: [{ by: 'test', why: 'the store is away' }],
    })
    expect(answer).toMatchObject({ phase: 'draining' })
    await waitFor('tellAgent to be tried', async () => (await tries(host, 'tellAgent')) >= 2)
    bringBack()
    await world.handle(host).result()
    expect(world.instances().filter((instance) => instance.host === host)).toEqual([])
  })
})
