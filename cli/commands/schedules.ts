import { Command, InvalidArgumentError, Option } from 'commander'
import { CRON_DIALECTS } from '../../domain/cron/index.ts'
import { OVERLAPS, type Overlap } from '../../domain/schedules/types.ts'
import { refuseWords } from '../usage.ts'
import { withApi, withWhy, type ApiOptions, type WhyOptions } from './common.ts'

export type ScheduleChangeOptions = ApiOptions & WhyOptions

export interface BackfillOptions extends ScheduleChangeOptions {
  from: string
  to: string
  overlap?: Overlap
}

export interface ImportOptions {
  timezone: string
  fields?: '5' | '6'
  map: string[]
  userColumn?: boolean
  json?: boolean
}

const actions = () => import('../actions/schedules.ts')

/** Lists schedules and what people do to them; what they are is said by the config. */
export function schedulesCommand(): Command {
  const schedules = withApi(new Command('schedules'))
    .description('list schedules, or change one for a while')
    .allowExcessArguments()
    .action(async (options: ApiOptions, self: Command) => {
      refuseWords(self)
      await (await actions()).listSchedules(options)
    })
  for (const command of [listCommand(), showCommand(), ...changes(), backfillCommand(), importCommand()]) {
    schedules.addCommand(command)
  }
  return schedules
}

const listCommand = (): Command =>
  withApi(new Command('list').description('all schedules: in words, next times, last runs')).action(
    async (_: unknown, self: Command) => (await actions()).listSchedules(self.optsWithGlobals()),
  )

const showCommand = (): Command =>
  withApi(new Command('show').description('one schedule with its last runs'))
    .argument('<schedule>')
    .action(async (name: string, _: unknown, self: Command) =>
      (await actions()).showSchedule(name, self.optsWithGlobals()),
    )

const CHANGES = [
  ['pause', 'skip its firings until resumed; apply keeps it so'],
  ['resume', 'go on after a pause'],
  ['trigger', 'fire once, now'],
] as const

const changes = (): Command[] =>
  CHANGES.map(([kind, about]) =>
    withWhy(withApi(new Command(kind).description(about)))
      .argument('<schedule>')
      .action(async (name: string, _: unknown, self: Command) =>
        (await actions()).changeSchedule(name, kind, self.optsWithGlobals()),
      ),
  )

/** An instant with a zone → ISO text. */
function instant(value: string): string {
  const ms = /(Z|[+-]\d\d:?\d\d)$/i.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Expected an instant like 2026-11-23T19:00:00Z.')
  return new Date(ms).toISOString()
}

const backfillCommand = (): Command =>
  withWhy(
    withApi(
      new Command('backfill').description('fire for each time between two instants, as if it were then'),
    ),
  )
    .argument('<schedule>')
    .requiredOption('--from <instant>', 'with a zone, like 2026-11-23T19:00:00Z; included', instant)
    .requiredOption('--to <instant>', 'included', instant)
    .addOption(
      new Option('--overlap <policy>', 'while the one before goes on; default bufferAll').choices(OVERLAPS),
    )
    .action(async (name: string, _: unknown, self: Command) =>
      (await actions()).backfillSchedule(name, self.optsWithGlobals()),
    )

const collect = (value: string, before: string[]): string[] => [...before, value]

const importCommand = (): Command =>
  new Command('import')
    .description('turn a crontab into the section `schedules` of a config; tells each line it cannot take')
    .argument('<file>', 'a crontab, five fields or six; - reads standard input')
    .option(
      '--map <pattern=action>',
      'what a command stands for: "*up.sh*=scale:render:40", "=roll:render", "=sweep", "=report"; again for each',
      collect,
      [],
    )
    .option('--timezone <zone>', 'until the file names one', 'UTC')
    .addOption(
      new Option('--fields <count>', 'how many fields each line has; else as they look').choices(['5', '6']),
    )
    .option('--user-column', 'a word behind the times says who runs the command, as in /etc/crontab')
    .option('--json', 'print JSON')
    .action(async (file: string, _: unknown, self: Command) =>
      (await import('../actions/schedules-import.ts')).importSchedules(file, self.optsWithGlobals()),
    )

export interface ExplainOptions {
  timezone: string
  dialect: (typeof CRON_DIALECTS)[number]
  json?: boolean
}

/** What an expression means, before it is in a config. */
export function cronCommand(): Command {
  return new Command('cron').description('cron expressions').addCommand(
    new Command('explain')
      .description('say what a cron expression means, its next times, and what other crons would read in it')
      .argument('<expression>', 'in quotes: "0 0 20 * * *"')
      .option('--timezone <zone>', 'whose clock it means', 'UTC')
      .addOption(
        new Option('--dialect <dialect>', 'standard has five fields, minutes first')
          .choices(CRON_DIALECTS)
          .default('robfig-v1'),
      )
      .option('--json', 'print JSON')
      .action(async (expression: string, options: ExplainOptions) =>
        (await import('../actions/cron-explain.ts')).explainCron(expression, options),
      ),
  )
}
