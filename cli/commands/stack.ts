import { Command } from 'commander'

export interface DevOptions {
  config?: string
  state: string
  fresh?: boolean
  yes?: boolean
  json?: boolean
}

/** Everything on one machine: `npm start`. */
export function devCommand(): Command {
  return new Command('dev')
    .description(
      'run everything on this machine: Temporal, store, cloud, worker, API with dashboard, and the fleets of the config',
    )
    .option('--config <file>', 'YAML config; without it an example fleet on the emulated cloud')
    .option('--state <folder>', 'where everything is kept', '.muster')
    .option('--fresh', 'forget what was kept')
    .option(
      '--yes',
      'apply the config to running fleets although more than 20 % of a fleet are away, or due, at once',
    )
    .option('--json', 'print the links as one JSON line when it is up')
    .action(async (options: DevOptions) => (await import('../actions/dev.ts')).dev(options))
}

/** The story in a minute: `npm run demo`. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'a fleet of 3 of which one host is mute at first; its 20 minutes are fast-forwarded; checks every step',
    )
    .option('--json', 'print the report as one JSON line at the end')
    .action(async (options: { json?: boolean }) => (await import('../actions/demo.ts')).demo(options))
}
