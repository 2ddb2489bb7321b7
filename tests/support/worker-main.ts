/**
 * A worker process for tests: that of `muster worker`, with a finer grid for the cloud, and if wished for some of its
 * task queues alone, so that an activity can stand scheduled with nobody to start it. It is ended by SIGKILL only.
 * `node worker-main.ts <options as JSON>`; says `the worker works` when it polls.
 */
import { parseWorkerMainOptions } from './worker-main-options.ts'
import { createEcsActivities, createHostActivities, createLaunchActivities } from '../../activities/index.ts'
import { createFleetActivities } from '../../activities/fleet/index.ts'
import { createLog } from '../../cli/log.ts'
import { createCleanup } from '../../cli/stack/cleanup.ts'
import { ecsOf } from '../../cli/stack/parts.ts'
import { startTemporal } from '../../cli/stack/temporal.ts'
import { openStore } from '../../store/index.ts'
import { workflowBundle } from '../../worker/bundle.ts'
import { connectToTemporal } from '../../worker/connect.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { createWorkers } from '../../worker/workers.ts'

const options = parseWorkerMainOptions(process.argv[2] ?? '')
const log = createLog()
installTelemetry({ log })
const cleanup = createCleanup((name, error) => log.error({ err: error, name }, 'a part did not end in order'))
const temporal = await startTemporal(
  { address: options.temporal, namespace: 'default', log: () => {} },
  cleanup,
)
const store = await openStore({ file: options.store })
const deps = {
  ecs: ecsOf({ endpoint: options.cloud, protocol: 'http' }),
  store,
  clock: Date.now,
  enrollmentKeys: (id: string) => (id === options.key.id ? options.key.secret : undefined),
  log,
  cloudGridMs: options.cloudGridMs,
}
const workers = await createWorkers({
  connection: await connectToTemporal({ address: options.temporal }),
  namespace: 'default',
  regions: [options.region],
  bundle: await workflowBundle(),
  activities: {
    muster: {
      ...createHostActivities(deps),
      ...createFleetActivities({ temporal: temporal.client, store, clock: Date.now, log }),
    },
    launch: createLaunchActivities(deps),
    ecs: createEcsActivities(deps),
  },
})
const wanted = workers.filter(
  (worker) => options.queues === undefined || options.queues.includes(String(worker.options.taskQueue)),
)
const runs = wanted.map((worker) => worker.run())
log.info({ queues: wanted.map((worker) => worker.options.taskQueue) }, 'the worker works')
await Promise.all(runs)
