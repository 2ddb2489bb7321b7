import { Command, Option } from 'commander'
import { duration, hostArgument, refuseWords, wholeNumber } from '../usage.ts'
import { withApi, withWhy, type ApiOptions, type WhyOptions } from './common.ts'

export interface HostListOptions extends ApiOptions {
  fleet?: string
  phase?: string
  search?: string
  retired?: boolean
}

export interface JournalOptions extends ApiOptions {
  limit: number
  generation?: string
}

export interface EvidenceOptions extends ApiOptions {
  attempt?: number
  generation?: string
  output?: string
}

export type AskOptions = ApiOptions & WhyOptions & { drain?: boolean; for?: number }

const PHASES = ['waiting', 'launching', 'booting', 'ready', 'silent', 'draining', 'deleting', 'retired']
const reading = () => import('../actions/read-hosts.ts')
const asking = () => import('../actions/ask-hosts.ts')

/** Lists hosts and asks things of single ones. */
export function hostsCommand(): Command {
  const hosts = withFilter(withApi(new Command('hosts')))
    .description('list hosts, or ask something of one')
    .allowExcessArguments()
    .action(async (options: HostListOptions, self: Command) => {
      refuseWords(self)
      await (await reading()).listHosts(options)
    })
  for (const command of [...lists(), ...readings(), ...wishes(), fastForwardCommand()])
    hosts.addCommand(command)
  return hosts
}

const withFilter = (command: Command): Command =>
  command
    .option('--fleet <name>', 'of this fleet only')
    .addOption(new Option('--phase <phase>', 'in this phase only').choices(PHASES))
    .option('--search <text>', 'in id, instance, address, zone, type or reason')
    .option('--retired', 'those that have ended, too')

const ofHost = (name: string, about: string): Command =>
  withApi(new Command(name).description(about).argument('<host>', 'like demo/00002', hostArgument))

function lists(): Command[] {
  return [
    withFilter(withApi(new Command('list').description('all hosts, or those asked for'))).action(
      async (_: unknown, self: Command) => (await reading()).listHosts(self.optsWithGlobals()),
    ),
    withFilter(withApi(new Command('watch').description('the list, again and again until Ctrl-C'))).action(
      async (_: unknown, self: Command) =>
        (await import('../actions/watch-hosts.ts')).watchHosts(self.optsWithGlobals()),
    ),
  ]
}

function readings(): Command[] {
  return [
    ofHost('show', 'one host, whole').action(async (id: string, _: unknown, self: Command) =>
      (await reading()).showHost(id, self.optsWithGlobals()),
    ),
    ofHost('journal', 'what happened to a host, oldest first')
      .option('--limit <count>', 'the last so many', wholeNumber(1, 1_000), 100)
      .option('--generation <id>', 'of this life of the host only')
      .action(async (id: string, _: unknown, self: Command) =>
        (await reading()).showJournal(id, self.optsWithGlobals()),
      ),
    ofHost('evidence', 'what was taken of failed instances: a list, or one piece on stdout')
      .argument('[kind]', 'console, screenshot or events')
      .option('--attempt <n>', 'of this attempt; default the last', wholeNumber(1, 999_999))
      .option('--generation <id>', 'of this life of the host; default the last')
      .option('--output <file>', 'write it to a file instead')
      .action(async (id: string, kind: string | undefined, _: unknown, self: Command) =>
        (await import('../actions/evidence.ts')).showEvidence(id, kind, self.optsWithGlobals()),
      ),
  ]
}

function wishes(): Command[] {
  return [
    withWhy(ofHost('drain', 'no new work, wait for the workload to end, then a new instance')).action(
      ask('drain'),
    ),
    withWhy(ofHost('replace', 'drain, then a new instance'))
      .option('--no-drain', 'delete at once')
      .action(ask('replace')),
    withWhy(ofHost('retire', 'drain, delete and end; its fleet makes a new host if it still wants one'))
      .option('--no-drain', 'delete at once')
      .action(ask('retire')),
    withWhy(ofHost('preserve', 'when this attempt ends, keep its instance for a person to look at'))
      .requiredOption('--for <duration>', 'like 2h; at least 30m, at most 30d', duration)
      .action(ask('preserve')),
  ]
}

const ask =
  (what: 'drain' | 'replace' | 'retire' | 'preserve') =>
  async (id: string, _: unknown, self: Command): Promise<void> =>
    (await asking()).askHost(what, id, self.optsWithGlobals())

function fastForwardCommand(): Command {
  return new Command('fast-forward')
    .description('dev only: skip the rest of a booting host’s deadline')
    .argument('<host>', 'like demo/00002', hostArgument)
    .option('--json', 'print JSON')
    .action(async (id: string, _: unknown, self: Command) =>
      (await import('../actions/fast-forward.ts')).skip(id, self.optsWithGlobals()),
    )
}
