import { Command } from 'commander'
import { createLog } from '../log.ts'
import { runningCloud } from '../stack/cloud.ts'
import { createEnding } from '../stack/ending.ts'
import { ecsOf, enrollmentKeys, openStorePart } from '../stack/parts.ts'
import { startTemporal } from '../stack/temporal.ts'
import { startWorkers } from '../stack/worker.ts'
import { untilToldToStop } from '../stop.ts'
import { installTelemetry } from '../../worker/telemetry.ts'
import { loadConfig } from './dev.ts'

interface WorkerCommandOptions {
  config: string
  metrics?: string
  store: string
}

/** Workflows and activities alone, for an installation of several processes. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('run workflows and activities')
    .requiredOption('--config <file>', 'YAML config')
    .option('--store <file>', 'SQLite file where the config names no store', '.muster/muster.db')
    .option('--metrics <host:port>', 'Prometheus metrics of worker and SDK')
    .action(work)
}

async function work(options: WorkerCommandOptions): Promise<void> {
  const log = createLog()
  const { config } = await loadConfig(options.config)
  const keys = enrollmentKeys(config)
  installTelemetry({ log, ...(options.metrics && { metricsAddress: options.metrics }) })
  const ending = createEnding((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    const temporal = await startTemporal({ ...temporalOf(config), log: () => {} }, ending)
    const store = await openStorePart(config, options.store, ending)
    const deps = {
      ecs: ecsOf(runningCloud(config)),
      store,
      clock: Date.now,
      enrollmentKeys: (id: string) => keys.all[id],
      log,
    }
    const { failed } = await startWorkers({ temporal, regions: [config.cloud.region], deps, log }, ending)
    log.info(
      { temporal: temporal.address, namespace: temporal.namespace, region: config.cloud.region },
      'the worker works',
    )
    await untilToldToStop(failed)
  } finally {
    await ending.run()
  }
}

/** The Temporal server of the config, or of `TEMPORAL_ADDRESS`. */
export function temporalOf(config: Awaited<ReturnType<typeof loadConfig>>['config']) {
  const address = process.env['TEMPORAL_ADDRESS'] ?? config.temporal.address ?? '127.0.0.1:7233'
  const uiUrl = process.env['TEMPORAL_UI_URL']
  return { address, namespace: config.temporal.namespace, ...(uiUrl && { uiUrl }) }
}
