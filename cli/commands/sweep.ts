import { Command } from 'commander'
import { orphanLimit } from '../usage.ts'
import { withWhy, type WhyOptions } from './common.ts'

export interface SweepOptions extends WhyOptions {
  config?: string
  dryRun?: boolean
  last?: boolean
  maxOrphans?: number
  json?: boolean
}

/** Finds what the cloud has and no host claims. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description(
      'look for instances, disks and network interfaces that no host claims: mark them, delete those that were marked long ago',
    )
    .option('--config <file>', 'YAML config; without it that of the stack that runs on this machine')
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option(
      '--max-orphans <count>',
      'delete up to so many, this once: after a person has looked',
      orphanLimit,
    )
    .option('--last', 'tell how the last sweep ended, and start none')
    .option('--json', 'print JSON')
  return withWhy(command).action(async (options: SweepOptions) =>
    (await import('../actions/sweep.ts')).sweep(options),
  )
}
