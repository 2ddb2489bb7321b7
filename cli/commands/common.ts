import type { Command } from 'commander'
import { userInfo } from 'node:os'

/** Every command that speaks to the API. */
export interface ApiOptions {
  api?: string
  token?: string
  json?: boolean
}

export const withApi = (command: Command): Command =>
  command
    .option('--api <url>', 'the API; by default the stack that runs on this machine')
    .option('--token <token>', 'operator token; by default MUSTER_API_TOKEN')
    .option('--json', 'print JSON')

/** Updates ask for a reason: it stands in the journal and the audit. */
export const withWhy = (command: Command): Command =>
  command.option(
    '--why <reason>',
    'stands in the journal',
    `asked by ${userInfo().username} on the command line`,
  )
