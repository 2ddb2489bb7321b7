import { Command } from 'commander'
import { withStore } from './common.ts'

export interface CheckOptions {
  config: string
  store?: string
  offline?: boolean
  json?: boolean
}

/** What can be known of an installation before anything is started. */
export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'check a config: its fields, variables, credentials, Temporal, the keys that hosts need, and a dry run of every launch it can lead to',
    )
    .requiredOption('--config <file>', 'YAML config')
    .option('--offline', 'ask nobody: launches are built and signed, but not sent')
  return withStore(command).action(async (options: CheckOptions) =>
    (await import('../actions/check.ts')).check(options),
  )
}
