import type { Logger } from 'pino'
import { createEcsActivities, createHostActivities, createLaunchActivities } from '../../activities/index.ts'
import type { HostActivityDeps } from '../../activities/index.ts'
import { createActionActivities } from '../../activities/actions/index.ts'
import { createFleetActivities, type FleetActivityDeps } from '../../activities/fleet/index.ts'
import { createReportActivities, type StatuspagePart } from '../../activities/statuspage/index.ts'
import { createSweepActivities, type SweepActivityDeps } from '../../activities/sweep/index.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { createWorkers } from '../../worker/workers.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { toBreakerRules, type MusterConfig } from '../../domain/config/index.ts'
import type { Store } from '../../store/contract.ts'
import type { Cleanup } from './cleanup.ts'
import type { EnrollmentKeys } from './parts.ts'
import { endpointOf } from './temporal-access.ts'
import type { TemporalPart } from './temporal.ts'

export interface WorkerOptions {
  temporal: TemporalPart
  regions: string[]
  deps: HostActivityDeps &
    Pick<SweepActivityDeps, 'sweep' | 'keepMs'> &
    Pick<FleetActivityDeps, 'lookEveryMs' | 'resyncEveryMs'> & { store: Store; statuspage?: StatuspagePart }
  log: Logger
  launchesPerSecond?: number
  maxCachedWorkflows?: number
}

/** What of the config the activities need, besides the cloud, the store and the keys, which are open already. */
export const workerDeps = (
  config: MusterConfig,
  {
    ecs,
    store,
    keys,
    statuspage,
    log,
  }: Pick<WorkerOptions['deps'], 'ecs' | 'store' | 'log'> & {
    keys: EnrollmentKeys
    statuspage: StatuspagePart | undefined
  },
): WorkerOptions['deps'] => ({
  ecs,
  store,
  clock: Date.now,
  enrollmentKeys: (id) => keys.all[id],
  breaker: toBreakerRules(config),
  sweep: config.sweep,
  keepMs: config.store.keepMs,
  ...(statuspage && { statuspage }),
  log,
})

/**
 * Runs the workers in this process until the cleanup; running activities are finished first.
 * @returns a promise that rejects when a worker fails for good
 */
export async function startWorkers(
  options: WorkerOptions,
  cleanup: Cleanup,
): Promise<{ failed: Promise<never> }> {
  const { temporal, deps, regions } = options
  const connect = async () => await connectToTemporal(await endpointOf(temporal))
  const [connection, bundle] = await Promise.all([connect(), workflowBundle()])
  cleanup.add('worker connection', () => connection.close())
  options.log.info({ bundle: bundle.codePath }, 'workflows are run from this bundle')
  const { launchesPerSecond, maxCachedWorkflows } = options
  const workers = await createWorkers({
    connection,
    namespace: temporal.namespace,
    regions,
    bundle,
    activities: {
      muster: {
        ...createHostActivities(deps),
        ...createFleetActivities({ ...deps, temporal: temporal.client }),
        ...createReportActivities(deps),
        ...createActionActivities({ temporal: temporal.client, store: deps.store, clock: deps.clock }),
      },
      launch: createLaunchActivities(deps),
      ecs: {
        ...createEcsActivities(deps),
        ...createSweepActivities({ ...deps, temporal: temporal.client }),
      },
    },
    ...(launchesPerSecond !== undefined && { launchesPerSecond }),
    ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
  })
  const runs = workers.map((worker) => worker.run())
  cleanup.add('workers', async () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    await Promise.allSettled(runs)
  })
  const failed = new Promise<never>((_, reject) => {
    for (const run of runs) run.catch(reject)
  })
  failed.catch((error: unknown) => options.log.error({ err: error }, 'a worker has failed'))
  return { failed }
}
