import { installTelemetry } from '../../worker/telemetry.ts'
import type { WorkerOptions } from '../commands/processes.ts'
import { loadConfig } from '../load-config.ts'
import { createLog } from '../log.ts'
import { printJson } from '../output.ts'
import { runningCloud } from '../stack/cloud.ts'
import { reportDroppedKeys } from '../stack/dropped-keys.ts'
import { createCleanup, type Cleanup } from '../stack/cleanup.ts'
import { ecsOf, enrollmentKeys, openStorePart } from '../stack/parts.ts'
import { plainTextDoubt } from '../stack/plain-text-doubt.ts'
import { servedRegions } from '../stack/regions.ts'
import { statuspagePart } from '../stack/statuspage.ts'
import { startTemporal } from '../stack/temporal.ts'
import { temporalAddress, temporalOf } from '../stack/temporal-of.ts'
import { startWorkers, workerDeps } from '../stack/worker.ts'
import { listenForStop, orStopped } from '../stop.ts'

/** Works until it is asked to stop: running activities are finished first. */
export async function work(options: WorkerOptions): Promise<void> {
  const stop = listenForStop()
  const log = createLog()
  const cleanup = createCleanup((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    const workers = await orStopped(stop, start(options, log, cleanup))
    if (workers === undefined) return
    await Promise.race([stop.told, workers.failed])
    log.info({}, 'the worker ends: running activities are finished first')
  } finally {
    await cleanup.run()
  }
}

async function start(
  options: WorkerOptions,
  log: ReturnType<typeof createLog>,
  cleanup: Cleanup,
): Promise<{ failed: Promise<never> }> {
  const { config } = await loadConfig(options.config)
  const keys = enrollmentKeys(config)
  const ecs = ecsOf(runningCloud(config))
  const statuspage = statuspagePart(config)
  installTelemetry({ log, ...(options.metrics && { metricsAddress: options.metrics }) })
  const doubt = plainTextDoubt(config, temporalAddress(config))
  if (doubt !== undefined) log.warn({}, doubt)
  const temporal = await startTemporal(temporalOf(config), cleanup)
  const store = await openStorePart(config, options.store, cleanup)
  await reportDroppedKeys(store, Object.keys(keys.all), (key, text) => log.error(key, text))
  const regions = await servedRegions(config, store)
  const deps = workerDeps(config, { ecs, store, keys, statuspage, log })
  const { launchesPerSecond, cachedWorkflows } = options
  const workers = await startWorkers(
    {
      temporal,
      regions,
      deps,
      log,
      ...(launchesPerSecond !== undefined && { launchesPerSecond }),
      ...(cachedWorkflows !== undefined && { maxCachedWorkflows: cachedWorkflows }),
    },
    cleanup,
  )
  const facts = { temporal: temporal.address, namespace: temporal.namespace, regions }
  log.info(facts, 'the worker works')
  if (options.json) printJson({ ok: true, ...facts })
  return workers
}
