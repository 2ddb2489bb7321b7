import { Command } from 'commander'
import { withStore, withWhy, type InstallationOptions, type WhyOptions } from './common.ts'

export interface ApplyCommandOptions extends InstallationOptions, WhyOptions {
  config: string
  size?: boolean
  dryRun?: boolean
}

/** Brings the fleets of a running installation to what the config says. */
export function applyCommand(): Command {
  const command = new Command('apply')
    .description(
      'start the fleets of a config on a running installation, or hand them their new spec: it takes effect with each host’s next launch',
    )
    .requiredOption('--config <file>', 'YAML config')
    .option('--size', 'give running fleets the size of the config, too')
    .option('--dry-run', 'tell what would change, and change nothing')
  return withWhy(withStore(command)).action(async (options: ApplyCommandOptions) =>
    (await import('../actions/apply.ts')).apply(options),
  )
}
