import { Command } from 'commander'

export interface CheckOptions {
  config: string
  offline?: boolean
  json?: boolean
}

/** What can be known of an installation before anything is started. */
export function checkCommand(): Command {
  return new Command('check')
    .description(
      'check a config: its fields, variables, credentials, Temporal, and a dry run of every launch it can lead to',
    )
    .requiredOption('--config <file>', 'YAML config')
    .option('--offline', 'ask nobody: launches are built and signed, but not sent')
    .option('--json', 'print JSON')
    .action(async (options: CheckOptions) => (await import('../actions/check.ts')).check(options))
}
