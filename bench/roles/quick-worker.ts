/**
 * A worker whose activities answer at once: what is left is Temporal's cost and the workflows' own. It tells when a
 * workflow waits for a message.
 */
import { CompleteAsyncError, activityInfo } from '@temporalio/activity'
import { Worker, type InjectedSinks } from '@temporalio/worker'
import type { HostActivities } from '../../activities/contract.ts'
import { ecsQueue, launchQueue } from '../../domain/queues.ts'
import { createLog } from '../../cli/log.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { playRole } from '../support/role.ts'
import { instanceIdOf } from '../support/hosts.ts'
import { REGION } from '../support/spec.ts'

import type { BareActivities } from '../workflows/bare.ts'
import type { TimerSinks } from '../workflows/on-timer.ts'

export interface QuickWorkerOptions {
  address: string
  codePath: string
  /** Queue of workflows and store activities; those of cloud calls are `prefix + name`. */
  queue: string
  prefix: string
  maxCachedWorkflows?: number
}

/** `boot`: waits for `started`; `ready`: waits for a wish; `drain`: waits for `drained`. */
export interface Waiting {
  workflowId: string
  for: 'boot' | 'ready' | 'drain'
}

type Tell = (event: Waiting) => void

await playRole<QuickWorkerOptions, Waiting>(async (options, tell) => {
  installTelemetry({ log: createLog('error') })
  const connection = await connectToTemporal({ address: options.address })
  const arrivals = createArrivals()
  const activities = { ...hostActivities(tell), ...bareActivities((dueAt) => arrivals.note(dueAt)) }
  const common = { connection, activities }
  const { maxCachedWorkflows } = options
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: options.queue,
      workflowBundle: { codePath: options.codePath },
      sinks: sinks(tell),
      ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
    }),
    ...[launchQueue(REGION), ecsQueue(REGION)].map((queue) =>
      Worker.create({ ...common, taskQueue: options.prefix + queue }),
    ),
  ])
  const runs = workers.map((worker) => worker.run())
  return {
    asks: { arrivals: (wanted: { dueAt: number; count: number }) => arrivals.next(wanted) },
    async end() {
      for (const worker of workers) worker.shutdown()
      await Promise.allSettled(runs)
      await connection.close()
    },
  }
})

function sinks(tell: Tell): InjectedSinks<TimerSinks> {
  return {
    timers: {
      started: {
        fn({ workflowId }, summary) {
          if (summary.startsWith('boot deadline')) tell({ workflowId, for: 'boot' })
          if (summary.startsWith('drain')) tell({ workflowId, for: 'drain' })
        },
        callDuringReplay: false,
      },
    },
  }
}

function hostActivities(
  tell: Tell,
): Omit<HostActivities, 'findInstances' | 'preserveInstance' | 'renewDeadMan' | 'awaitLost'> {
  return {
    async planLaunch({ spec }) {
      const [placement] = spec.placements
      if (!placement) throw new Error('a spec without placements')
      return { outcome: 'placed', placement }
    },
    launchInstance: async ({ key }) => ({
      outcome: 'launched',
      instanceId: instanceIdOf(key.host),
      requestId: '1F2E3D4C-5B6A-4789-8A9B-0C1D2E3F4A5B',
    }),
    awaitRunning: async () => ({ outcome: 'running', privateIp: '127.16.0.7', mac: '00:16:3e:00:00:07' }),
    captureEvidence: async () => ({ captured: [] }),
    becomeReady: async () => ({ outcome: 'done' }),
    async watchAgent() {
      const { workflowId = '' } = activityInfo().workflowExecution ?? {}
      tell({ workflowId, for: 'ready' })
      throw new CompleteAsyncError()
    },
    inspectSilent: async () => ({ outcome: 'alive' }),
    judgeSilence: async () => ({ verdict: 'wait', reason: 'nobody is replaced here' }),
    tellAgent: async () => {},
    deleteInstance: async ({ instanceId = '' }) => ({ deleted: [instanceId] }),
    recordHost: async () => {},
  }
}

/** When the activities of one deadline have begun, handed over once so many have. */
function createArrivals() {
  let wanted: { dueAt: number; count: number; times: number[]; tell: (times: number[]) => void } | undefined
  return {
    note(dueAt: number): void {
      if (wanted?.dueAt !== dueAt) return
      wanted.times.push(Date.now())
      if (wanted.times.length === wanted.count) wanted.tell(wanted.times)
    },
    next: ({ dueAt, count }: { dueAt: number; count: number }) =>
      new Promise<number[]>((resolve) => {
        wanted = { dueAt, count, times: [], tell: resolve }
      }),
  }
}

function bareActivities(noteArrival: (dueAt: number) => void): BareActivities {
  return {
    bareLaunch: async () => instanceIdOf(activityInfo().workflowExecution?.workflowId ?? ''),
    bareDelete: async () => {},
    bareArrival: async (dueAt) => noteArrival(dueAt),
  }
}
