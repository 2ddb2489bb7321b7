import { setTimeout as sleep } from 'node:timers/promises'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { rounded } from '../numbers.ts'
import type { QuickWorkerOptions, Waiting } from '../roles/quick-worker.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { quickBundle } from '../support/bundles.ts'
import { startChild, type Child } from '../support/child.ts'
import { onGround, type Ground } from '../support/ground.ts'
import { benchHost, hostInput, startHost, startedSignal } from '../support/hosts.ts'
import { RIVAL_QUEUE } from '../support/lives.ts'
import { inFlight, numbersFrom } from '../support/pool.ts'
import { settled } from '../support/prepared-hosts.ts'
import { generationOf } from '../../domain/ids.ts'
import { HOST_SIGNALS } from '../../domain/messages.ts'

const BUDGET_KIB = 150
/** Room for all hosts and more: nothing is evicted. */
const CACHE = 5_000
/** Events of a host that waits for `started`, and of one that is ready and watched. */
const BOOTING_EVENTS = 24
const READY_EVENTS = 37
/** Events of a bare workflow that waits for a signal. */
const BARE_EVENTS = 10
const SETTLE_MS = 5_000

/** What each idle ready host more keeps in the worker's memory. */
export const workerMemory: Bench = { id: 'worker-memory', about: 'worker memory per idle host', run }

async function run(context: BenchContext): Promise<Finding> {
  const { first, more } = context.counts.memory
  const { host, bare } = await onGround(context, async (ground) => ({
    host: await grow(context, ground, 'host'),
    bare: await grow(context, ground, 'bare'),
  }))
  return {
    value: rounded(host),
    unit: 'KiB/host',
    against: `a bare waiting workflow ${rounded(bare)} KiB; RSS of the process from ${first} to ${first + more}`,
    ratio: rounded(host / bare),
    budget: `≤ ${BUDGET_KIB} KiB`,
    met: host <= BUDGET_KIB,
  }
}

/** KiB of resident memory that each workflow after the first ones has added. */
async function grow(context: BenchContext, ground: Ground, kind: 'host' | 'bare'): Promise<number> {
  const { first, more } = context.counts.memory
  const worker = await startWorker(context, ground, kind)
  const bring =
    kind === 'host' ? (slot: number) => readyHost(ground, slot) : (slot: number) => bareIdle(ground, slot)
  await inFlight(numbersFrom(1, first), 20, bring)
  const before = await quietRss(worker)
  context.say(`worker-memory: ${first} of ${kind}: ${Math.round(before / 2 ** 20)} MiB`)
  await inFlight(numbersFrom(first + 1, more), 20, bring)
  const after = await quietRss(worker)
  context.say(`worker-memory: ${first + more} of ${kind}: ${Math.round(after / 2 ** 20)} MiB`)
  return (after - before) / more / 1_024
}

async function startWorker(
  context: BenchContext,
  { temporal, folder, cleanup }: Ground,
  kind: 'host' | 'bare',
) {
  const { address } = temporal
  const common = { address, maxCachedWorkflows: CACHE }
  const options: QuickWorkerOptions =
    kind === 'host'
      ? { ...common, ...(await workflowBundle()), queue: MUSTER_QUEUE, prefix: '' }
      : { ...common, codePath: await quickBundle('rivals', folder), queue: RIVAL_QUEUE, prefix: 'rival-' }
  return await startChild<QuickWorkerOptions, Waiting>({ context, role: 'quickWorker', options }, cleanup)
}

/** Lives until it is ready: what a life leaves in memory belongs to it. */
async function readyHost(ground: Ground, slot: number): Promise<void> {
  const host = benchHost(slot)
  const handle = await startHost(ground, hostInput(ground, host))
  await settled(ground, handle.workflowId, BOOTING_EVENTS)
  const key = { host, generation: generationOf(handle.firstExecutionRunId), attempt: 1 }
  await handle.signal(HOST_SIGNALS.started, startedSignal(key))
  await settled(ground, handle.workflowId, READY_EVENTS)
}

async function bareIdle(ground: Ground, slot: number): Promise<void> {
  const workflowId = `idle/${slot}`
  const { client } = ground.temporal
  await client.workflow.start('bareIdle', { workflowId, taskQueue: RIVAL_QUEUE })
  await settled(ground, workflowId, BARE_EVENTS)
}

/** Not a wait for a state: the collector is left alone as in production, and what it gives back at rest is not counted. */
async function quietRss(worker: Child<Waiting>): Promise<number> {
  const seen: number[] = []
  for (let looks = 0; looks < 5; looks += 1) {
    await sleep(SETTLE_MS / 5)
    seen.push((await worker.usage()).rssBytes)
  }
  return Math.min(...seen)
}
