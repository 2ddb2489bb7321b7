import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { waitFor } from '../../cli/wait-for.ts'
import { translateCron } from '../../domain/cron/index.ts'
import { median, percentile, rounded } from '../numbers.ts'
import type { QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { BenchContext, Finding } from '../row.ts'
import { quickBundle } from '../support/bundles.ts'
import { startChild } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { RIVAL_QUEUE } from '../support/lives.ts'

const EVERY_SECOND = '* * * * * *'
const SCHEDULE = 'bench-every-second'
/** A firing is there before the next one is due. */
const BUDGET_MS = 1_000
const DUE = 'TemporalScheduledStartTime'

/**
 * How late a schedule that fires every second does so: from the second to the start of the workflow, as the server notes
 * both. Beside it, in the same seconds, a timer in a process of ours that starts a workflow by the client.
 */
export async function cronLate(context: BenchContext): Promise<Finding> {
  const { firings } = context.counts.cron
  const { schedule, own } = await onGround(context, (ground) => fire(context, ground, firings))
  const [late, ownLate] = [percentile(schedule, 0.99), percentile(own, 0.99)]
  return {
    value: rounded(late),
    unit: 'ms p99',
    against: `a timer that starts a workflow by the client ${rounded(ownLate)} ms; medians ${rounded(median(schedule))} and ${rounded(median(own))} ms; ${firings} firings`,
    ratio: rounded(late / ownLate),
    budget: `≤ ${BUDGET_MS} ms: there before the next one is due`,
    met: late <= BUDGET_MS,
  }
}

async function fire(context: BenchContext, ground: Ground, firings: number) {
  const { client, address } = ground.temporal
  const codePath = await quickBundle('rivals', ground.folder)
  const options: QuickWorkerOptions = { address, codePath, queue: RIVAL_QUEUE, prefix: 'rival-' }
  await startChild({ context, role: 'quickWorker', options }, ground.cleanup)
  const { spec } = translateCron(EVERY_SECOND, { timezone: 'UTC' })
  const handle = await client.schedule.create({
    scheduleId: SCHEDULE,
    spec,
    action: { type: 'startWorkflow', workflowType: 'bareFiring', taskQueue: RIVAL_QUEUE },
    policies: { overlap: 'SKIP' },
  })
  const own = await ownFirings(client, firings)
  const schedule = await waitFor(
    `${firings} firings of the schedule`,
    async () => {
      const seen = await scheduledFirings(client)
      return seen.length >= firings && seen.slice(0, firings)
    },
    { timeoutMs: firings * 2_000 + 30_000, everyMs: 500 },
  )
  await handle.delete()
  return { schedule, own }
}

/** Milliseconds from the second that was due to the workflow's start, oldest first. */
async function scheduledFirings(client: Client): Promise<number[]> {
  const late: { dueAt: number; ms: number }[] = []
  for await (const run of client.workflow.list({ query: `TemporalScheduledById = '${SCHEDULE}'` })) {
    const due = run.typedSearchAttributes.getAll().find(({ key }) => key.name === DUE)?.value
    if (!(due instanceof Date)) continue
    late.push({ dueAt: due.getTime(), ms: run.startTime.getTime() - due.getTime() })
  }
  return late.toSorted((a, b) => a.dueAt - b.dueAt).map(({ ms }) => ms)
}

async function ownFirings(client: Client, firings: number): Promise<number[]> {
  const late: number[] = []
  for (let n = 0; n < firings; n += 1) {
    const dueAt = (Math.floor(Date.now() / 1_000) + 1) * 1_000
    while (Date.now() < dueAt) await sleep(dueAt - Date.now())
    const handle = await client.workflow.start('bareFiring', {
      workflowId: `own/${dueAt}`,
      taskQueue: RIVAL_QUEUE,
    })
    late.push((await handle.describe()).startTime.getTime() - dueAt)
  }
  return late
}
