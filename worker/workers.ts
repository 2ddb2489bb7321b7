import type { NativeConnection } from '@temporalio/worker'
import { Worker, type WorkerOptions } from '@temporalio/worker'
import type { FleetActivities, HostActivities, SweepActivities } from '../activities/contract.ts'
import { MUSTER_QUEUE, ecsQueue, launchQueue } from '../domain/queues.ts'

/** RunInstances per second and region: the cloud throttles by the minute, and 5,000 instances a minute are the account's limit. */
const LAUNCHES_PER_SECOND = 20
/** Cloud calls wait for a shared 5 s grid, so many are in flight at once; each is a promise, not a thread. */
const CLOUD_CALLS_AT_ONCE = 1_000
const GRACE = '30 seconds'
const FORCE = '60 seconds'

export interface WorkersOptions {
  connection: NativeConnection
  namespace: string
  regions: string[]
  bundle: { codePath: string }
  /** By queue: see `domain/queues.ts`. */
  activities: {
    muster: Partial<HostActivities> & FleetActivities
    launch: Partial<HostActivities>
    ecs: Partial<HostActivities & SweepActivities>
  }
  /** Workflows kept in memory; default by heap size. */
  maxCachedWorkflows?: number
  launchesPerSecond?: number
}

/** One worker for workflows and store activities, and per region one for launches and one for every other cloud call. */
export async function createWorkers(options: WorkersOptions): Promise<Worker[]> {
  const { connection, namespace, activities, regions } = options
  const common = {
    connection,
    namespace,
    shutdownGraceTime: GRACE,
    shutdownForceTime: FORCE,
  } satisfies Partial<WorkerOptions>
  const main = Worker.create({
    ...common,
    taskQueue: MUSTER_QUEUE,
    workflowBundle: options.bundle,
    activities: activities.muster,
    ...(options.maxCachedWorkflows !== undefined && { maxCachedWorkflows: options.maxCachedWorkflows }),
  })
  const perRegion = regions.flatMap((region) => [
    Worker.create({
      ...common,
      taskQueue: launchQueue(region),
      activities: activities.launch,
      maxTaskQueueActivitiesPerSecond: options.launchesPerSecond ?? LAUNCHES_PER_SECOND,
    }),
    Worker.create({
      ...common,
      taskQueue: ecsQueue(region),
      activities: activities.ecs,
      maxConcurrentActivityTaskExecutions: CLOUD_CALLS_AT_ONCE,
    }),
  ])
  return await Promise.all([main, ...perRegion])
}
