import { Command } from 'commander'
import { withStore, withWhy, type InstallationOptions, type WhyOptions } from './common.ts'

export interface ApplyCommandOptions extends InstallationOptions, WhyOptions {
  config: string
  size?: boolean
  prune?: boolean
  dryRun?: boolean
  yes?: boolean
  offline?: boolean
}

/** Brings the fleets and schedules of a running installation to what the config says. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description(
      'bring the fleets and schedules of a running installation to what a config says; a new spec takes effect with each host’s next launch',
    )
    .requiredOption('--config <file>', 'YAML config')
    .option('--size', 'give running fleets the size of the config, too')
    .option('--dry-run', 'tell what would change, and change nothing')
    .option('--prune', 'retire the hosts of fleets that the config does not name')
    .option(
      '--yes',
      'do not ask before schedules are deleted, more than 20 % of a fleet are retired, away at once, or due at once, nor where the config lacks the enrollment key of a host',
    )
    .option('--offline', 'do not ask the cloud whether it would launch what is new')
  return withWhy(withStore(command)).action(async (options: ApplyCommandOptions) =>
    (await import('../actions/apply.ts')).apply(options),
  )
}
