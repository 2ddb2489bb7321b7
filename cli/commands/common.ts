import type { Command } from 'commander'
import { userInfo } from 'node:os'

/** Every command that speaks to the API. */
export interface ApiOptions {
  api?: string
  token?: string
  json?: boolean
}

/** Every command that speaks to Temporal and the store. */
export interface InstallationOptions {
  config?: string
  store?: string
  json?: boolean
}

export interface WhyOptions {
  why: string
}

export const withApi = (command: Command): Command =>
  command
    .option('--api <url>', 'the API; by default MUSTER_API_URL, else the stack that runs on this machine')
    .option('--token <token>', 'operator token; by default MUSTER_API_TOKEN')
    .option('--json', 'print JSON')

/** Changes ask for a reason: it is written to the journal and the audit. */
export const withWhy = (command: Command): Command =>
  command.option(
    '--why <reason>',
    'stands in the journal',
    `asked by ${userInfo().username} on the command line`,
  )

/** Where the store of an installation lies; without a word that of the stack on this machine. */
export const withStore = (command: Command): Command =>
  command
    .option('--store <file>', 'SQLite file, where the config names no store')
    .option('--json', 'print JSON')
