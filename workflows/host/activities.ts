import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { HostActivities } from '../../activities/contract.ts'
import { MUSTER_QUEUE, ecsQueue, launchQueue } from '../../domain/queues.ts'

const SECOND = 1000

/**
 * One try of a cloud call: the SDK's own 8 s and the wait for the shared 5 s grid. Short, because a delivery that the
 * server loses costs a whole startToClose.
 */
const CLOUD_TRY_MS = 20 * SECOND
/** One try of what only touches the store, or of a launch, which waits for no grid. */
const SHORT_TRY_MS = 10 * SECOND
/** Evidence is never in the way of the delete. */
const EVIDENCE_MS = 15 * SECOND

const common = {
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: SECOND, backoffCoefficient: 2, maximumInterval: 30 * SECOND },
} satisfies ActivityOptions

const withOptions = (options: ActivityOptions): HostActivities =>
  proxyActivities<HostActivities>({ ...common, ...options })

/** Store only. */
export const onStore = (summary: string): HostActivities =>
  withOptions({ taskQueue: MUSTER_QUEUE, startToCloseTimeout: SHORT_TRY_MS, summary })

/** RunInstances: given up after `withinMs`, so that what it made can be looked up while the boot deadline runs. */
export const onLaunch = (region: string, summary: string, withinMs: number): HostActivities =>
  withOptions({
    taskQueue: launchQueue(region),
    startToCloseTimeout: SHORT_TRY_MS,
    scheduleToCloseTimeout: withinMs,
    summary,
  })

/** Every other cloud call; `withinMs` bounds it over all tries. */
export const onCloud = (region: string, summary: string, withinMs?: number): HostActivities =>
  withOptions({
    taskQueue: ecsQueue(region),
    startToCloseTimeout: CLOUD_TRY_MS,
    ...(withinMs !== undefined && { scheduleToCloseTimeout: withinMs }),
    summary,
  })

/** Looks that are repeated; when they are cancelled, their end is awaited. */
export const onWatch = (region: string, summary: string): HostActivities =>
  withOptions({
    taskQueue: ecsQueue(region),
    startToCloseTimeout: CLOUD_TRY_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  })

export const onEvidence = (region: string, summary: string): HostActivities =>
  withOptions({
    taskQueue: ecsQueue(region),
    startToCloseTimeout: EVIDENCE_MS,
    scheduleToCloseTimeout: 2 * EVIDENCE_MS,
    retry: { maximumAttempts: 2 },
    summary,
  })

/** Kept alive from outside by the agent's beats, for as long as this run is to last. */
export const onAgent = (watch: {
  activityId: string
  heartbeatTimeoutMs: number
  forMs: number
  summary: string
}): HostActivities =>
  withOptions({
    taskQueue: MUSTER_QUEUE,
    activityId: watch.activityId,
    startToCloseTimeout: watch.forMs,
    heartbeatTimeout: watch.heartbeatTimeoutMs,
    retry: { maximumAttempts: 1 },
    summary: watch.summary,
  })
