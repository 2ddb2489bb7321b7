import type { Client } from '@temporalio/client'
import { generationOf, hostWorkflowId } from '../../domain/ids.ts'
import { HOST_SIGNALS, HOST_UPDATES, WORKFLOWS, type Attribution } from '../../domain/messages.ts'
import { MUSTER_QUEUE } from '../../domain/queues.ts'
import type { Waiting, QuickWorkerOptions } from '../roles/quick-worker.ts'
import type { BenchContext } from '../row.ts'
import { quickBundle } from './bundles.ts'
import { startChild, type Child } from './child.ts'
import type { Ground } from './ground.ts'
import { attributesAtStart, benchHost, hostInput, startedSignal } from './hosts.ts'
import { benchSpec } from './spec.ts'

const RETIRE: Attribution = { by: 'fleet bench', why: 'the fleet is to have 0 hosts' }
export const RIVAL_QUEUE = 'rivals'

export type LifeKind = 'host' | 'bare' | 'plain'

/** Runs whole lives: each message is sent when the workflow waits for it. */
export interface Lives {
  /** One whole life; resolves when the workflow has ended. */
  live(kind: LifeKind, slot: number): Promise<{ workflowId: string }>
  workers: Record<'host' | 'rivals', Child<Waiting>>
}

interface Underway {
  workflowId: string
  generation: string
  slot: number
}

export async function startLives(context: BenchContext, ground: Ground): Promise<Lives> {
  const { temporal, cleanup } = ground
  const underway = new Map<string, Underway>()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {}) // told to every life under way
  const answer = (event: Waiting) => {
    const life = underway.get(event.workflowId)
    // The workflow may begin to wait before the answer to its start has come: told again when it has.
    if (life === undefined) early.set(event.workflowId, event)
    else give(temporal.client, life, event).catch(failed.reject)
  }
  const early = new Map<string, Waiting>()
  const workers = await startQuickWorkers(context, ground)
  workers.host.onEvent = answer
  workers.rivals.onEvent = answer
  cleanup.add('lives', () => underway.clear())

  return {
    workers,
    async live(kind, slot) {
      const workflowId = `${kind === 'host' ? '' : `${kind}/`}${hostWorkflowId(benchHost(slot))}`
      const handle = await temporal.client.workflow.start(TYPES[kind], {
        workflowId,
        taskQueue: kind === 'host' ? MUSTER_QUEUE : RIVAL_QUEUE,
        args: kind === 'bare' ? [] : [hostInput(ground, benchHost(slot))],
        ...(kind !== 'bare' && { typedSearchAttributes: attributesAtStart(benchSpec()) }),
        workflowExecutionTimeout: '3 minutes', // a life that hangs is an error, not a slow one
        staticSummary: 'host of fleet bench',
      })
      underway.set(workflowId, { workflowId, slot, generation: generationOf(handle.firstExecutionRunId) })
      const before = early.get(workflowId)
      if (before !== undefined) answer(before)
      await Promise.race([handle.result(), failed.promise])
      underway.delete(workflowId)
      return { workflowId }
    },
  }
}

const TYPES = { host: WORKFLOWS.host, bare: 'bareLife', plain: 'plainLife' } as const

async function startQuickWorkers(
  context: BenchContext,
  { temporal, folder, cleanup }: Ground,
): Promise<Lives['workers']> {
  const start = async (set: 'hosts' | 'rivals', queue: string, prefix: string) => {
    const codePath = await quickBundle(set, folder)
    const options: QuickWorkerOptions = { address: temporal.address, codePath, queue, prefix }
    return await startChild<QuickWorkerOptions, Waiting>({ context, role: 'quickWorker', options }, cleanup)
  }
  return {
    host: await start('hosts', MUSTER_QUEUE, ''),
    rivals: await start('rivals', RIVAL_QUEUE, 'rival-'),
  }
}

/** What the workflow waits for. */
async function give(
  client: Client,
  { workflowId, generation, slot }: Underway,
  event: Waiting,
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId)
  const about = { generation, attempt: 1 }
  if (event.for === 'boot')
    await handle.signal(HOST_SIGNALS.started, startedSignal({ ...about, host: benchHost(slot) }))
  if (event.for === 'ready') await handle.executeUpdate(HOST_UPDATES.retire, { args: [RETIRE] })
  if (event.for === 'drain') await handle.signal(HOST_SIGNALS.drained, about)
}
