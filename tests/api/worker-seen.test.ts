import { isGrpcDeadlineError } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer, DEV_TOKEN, SPEC, stageApi } from '../../api/testing.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { Explanation } from '../../domain/fleet/explain.ts'
import { startTemporalStage, type TemporalStage } from './stage.ts'

let temporal: TemporalStage
beforeAll(async () => {
  temporal = await startTemporalStage()
})
afterAll(() => temporal.stop())

/** The server refuses polls of less than ten seconds. */
const POLL_MS = 11_000

/** Asks for work once, as a worker does all the time; there is none. */
async function pollOnce(): Promise<void> {
  const { connection, workflowService } = temporal.client
  const poll = { namespace: 'default', taskQueue: { name: MUSTER_QUEUE }, identity: 'a worker' }
  try {
    await connection.withDeadline(Date.now() + POLL_MS, () => workflowService.pollWorkflowTaskQueue(poll))
  } catch (error) {
    if (!isGrpcDeadlineError(error)) throw error
  }
}

test('a fleet says that no worker runs, until one asks for work', async () => {
  const api = await stageApi({ temporal: temporal.client })
  const specHash = await api.store.specs.put(SPEC, 1)
  const fleet = { name: 'render', desired: 1, paused: false, specHash, seq: 1, note: 'begins' }
  await api.store.fleets.record({ ...fleet, slots: [], updatedAt: Date.now() - 60_000 })
  const explain = async () =>
    (await (await api.ask('/v1/fleets/render/explain', { headers: bearer(DEV_TOKEN) })).json()) as Explanation
  expect(await explain()).toMatchObject({
    state: 'person',
    fleet: [expect.stringMatching(/^No worker asks for work: nothing is started/), 'Last change: begins.'],
    missing: [{ host: '1 host, 00001', why: 'no worker runs that could start them' }],
  })
  await pollOnce()
  expect(await explain()).toMatchObject({ state: 'working', fleet: ['Last change: begins.'] })
})
