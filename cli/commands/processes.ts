import { Command, Option } from 'commander'
import { cachedWorkflows, launchRate, portNumber } from '../usage.ts'

export interface ProcessOptions {
  config: string
  store: string
  json?: boolean
}

export interface WorkerOptions extends ProcessOptions {
  metrics?: string
  launchesPerSecond?: number
  cachedWorkflows?: number
}

export interface EmulatorOptions {
  port?: number
  state?: string
  seed?: string
  json?: boolean
}

const processCommand = (name: string, about: string): Command =>
  new Command(name)
    .description(about)
    .requiredOption('--config <file>', 'YAML config')
    .option('--store <file>', 'SQLite file, where the config names no store', '.muster/muster.db')
    .option('--json', 'print one JSON line when it is ready; the log goes to stderr')

/** Workflows and activities alone, for an installation of several processes. */
export function workerCommand(): Command {
  return processCommand('worker', 'run workflows and activities')
    .addOption(
      new Option('--metrics <host:port>', 'Prometheus metrics of worker and SDK').env(
        'MUSTER_WORKER_METRICS',
      ),
    )
    .addOption(
      new Option('--launches-per-second <n>', 'RunInstances in a region over all workers (default: 20)')
        .env('MUSTER_LAUNCHES_PER_SECOND')
        .argParser(launchRate),
    )
    .addOption(
      new Option('--cached-workflows <n>', 'kept in memory (default: by heap size)')
        .env('MUSTER_CACHED_WORKFLOWS')
        .argParser(cachedWorkflows),
    )
    .action(async (options: WorkerOptions) => (await import('../actions/worker.ts')).work(options))
}

/** The API with its dashboard alone. */
export function apiCommand(): Command {
  return processCommand('api', 'run the API with its dashboard').action(async (options: ProcessOptions) =>
    (await import('../actions/api.ts')).serve(options),
  )
}

/** The emulated cloud alone: `npm run emulator`. */
export function emulatorCommand(): Command {
  return new Command('emulator')
    .description('run the emulated Alibaba Cloud ECS on loopback')
    .option('--port <port>', 'default 8110, or any free one', portNumber)
    .option('--state <folder>', 'keep instances over a restart')
    .option('--seed <text>', 'the same ids and delays every time')
    .option('--json', 'print one JSON line when it is ready')
    .action(async (options: EmulatorOptions) => (await import('../actions/emulator.ts')).emulate(options))
}
