/** A worker as `muster worker` runs it, against an emulated cloud; and the floor's activity beside its own. */
import { createEcsActivities, createHostActivities, createLaunchActivities } from '../../activities/index.ts'
import { createFleetActivities } from '../../activities/fleet/index.ts'
import { createLog } from '../../cli/log.ts'
import { ecsOf } from '../../cli/stack/parts.ts'
import { startTemporal } from '../../cli/stack/temporal.ts'
import { createCleanup } from '../../cli/stack/cleanup.ts'
import { openStore } from '../../store/index.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { createWorkers } from '../../worker/workers.ts'
import { playRole } from '../support/role.ts'
import { KEY, REGION } from '../support/spec.ts'

export interface WorkerRoleOptions {
  address: string
  storeFile: string
  cloud: { endpoint: string; credentials: { accessKeyId: string; accessKeySecret: string } }
  /** Absent: as it is by default. */
  launchesPerSecond?: number
  /** Absent: as it is by default. */
  cloudGridMs?: number
}

await playRole<WorkerRoleOptions>(async (options) => {
  const log = createLog('error')
  installTelemetry({ log })
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, name }, 'a part did not end in order'),
  )
  const temporal = await startTemporal(
    { address: options.address, namespace: 'default', log: () => {} },
    cleanup,
  )
  const store = await openStore({ file: options.storeFile })
  cleanup.add('store', () => store.close())
  const connection = await connectToTemporal({ address: options.address })
  cleanup.add('worker connection', () => connection.close())
  const deps = {
    ecs: ecsOf({ ...options.cloud, protocol: 'http' }),
    store,
    clock: Date.now,
    enrollmentKeys: (id: string) => (id === KEY.id ? KEY.secret : undefined),
    log,
    ...(options.cloudGridMs !== undefined && { cloudGridMs: options.cloudGridMs }),
  }
  const { launchesPerSecond } = options
  const workers = await createWorkers({
    connection,
    namespace: 'default',
    regions: [REGION],
    bundle: await workflowBundle(),
    activities: {
      muster: {
        ...createHostActivities(deps),
        ...createFleetActivities({ ...deps, temporal: temporal.client }),
      },
      launch: createLaunchActivities(deps),
      ecs: createEcsActivities(deps),
    },
    ...(launchesPerSecond !== undefined && { launchesPerSecond }),
  })
  const runs = workers.map((worker) => worker.run())
  cleanup.add('workers', async () => {
    for (const worker of workers) worker.shutdown()
    await Promise.allSettled(runs)
  })
  return { end: () => cleanup.run() }
})
