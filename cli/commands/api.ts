import { Command } from 'commander'
import { createLog } from '../log.ts'
import { createEnding } from '../stack/ending.ts'
import { enrollmentKeys, openStorePart, startApiPart } from '../stack/parts.ts'
import { startTemporal } from '../stack/temporal.ts'
import { untilToldToStop } from '../stop.ts'
import { loadConfig } from './dev.ts'
import { temporalOf } from './worker.ts'

interface ApiCommandOptions {
  config: string
  store: string
}

/** The API with its dashboard alone, for an installation of several processes. */
export function apiCommand(): Command {
  return new Command('api')
    .description('run the API with its dashboard')
    .requiredOption('--config <file>', 'YAML config')
    .option('--store <file>', 'SQLite file where the config names no store', '.muster/muster.db')
    .action(serve)
}

async function serve(options: ApiCommandOptions): Promise<void> {
  const log = createLog()
  const { config } = await loadConfig(options.config)
  const keys = enrollmentKeys(config)
  const ending = createEnding((name, error) =>
    log.error({ err: error, part: name }, 'a part did not end in order'),
  )
  try {
    const temporal = await startTemporal({ ...temporalOf(config), log: () => {} }, ending)
    const store = await openStorePart(config, options.store, ending)
    const devToken = process.env['MUSTER_API_TOKEN']
    await startApiPart({ config, temporal, store, keys, log, ...(devToken && { devToken }) }, ending)
    await untilToldToStop(new Promise<never>(() => {}))
  } finally {
    await ending.run()
  }
}
