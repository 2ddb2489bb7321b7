import { Command } from 'commander'
import { duration, fleetSize, refuseWords, slotNumber } from '../usage.ts'
import { withApi, withWhy, type ApiOptions, type WhyOptions } from './common.ts'

export type ChangeOptions = ApiOptions & WhyOptions

/** Lists fleets and changes them. */
export function fleetsCommand(): Command {
  const fleets = withApi(new Command('fleets'))
    .description('list fleets, or change one')
    .allowExcessArguments()
    .action(async (options: ApiOptions, self: Command) => {
      refuseWords(self)
      await (await actions()).listFleets(options)
    })
  fleets.addCommand(
    withApi(new Command('list').description('all fleets')).action(async (_: unknown, self: Command) =>
      (await actions()).listFleets(self.optsWithGlobals()),
    ),
  )
  fleets.addCommand(
    withApi(new Command('show').description('one fleet with its spec'))
      .argument('<fleet>')
      .action(async (fleet: string, _: unknown, self: Command) =>
        (await actions()).showFleet(fleet, self.optsWithGlobals()),
      ),
  )
  fleets.addCommand(
    withApi(
      new Command('explain').description(
        'why the fleet is as it is: what is missing and why, what comes next, what you can do',
      ),
    )
      .argument('<fleet>')
      .action(async (fleet: string, _: unknown, self: Command) =>
        (await actions()).explainFleet(fleet, self.optsWithGlobals()),
      ),
  )
  fleets.addCommand(
    withWhy(withApi(new Command('resize').description('change how many hosts are wanted')))
      .argument('<fleet>')
      .argument('<size>', 'hosts wanted', fleetSize)
      .action(async (fleet: string, size: number, _: unknown, self: Command) =>
        (await actions()).changeFleet(fleet, 'resize', self.optsWithGlobals(), { size }),
      ),
  )
  for (const command of changes()) fleets.addCommand(command)
  return fleets
}

const actions = () => import('../actions/fleets.ts')

/** Wishes that carry nothing but their reason, then those that carry more. */
function changes(): Command[] {
  return [
    simple('pause', 'start and retire nothing until resumed; running hosts go on'),
    simple('resume', 'go on after a pause'),
    simple('rollback', 'return to the former spec, and replace the hosts that run another'),
    roll(),
    overrideFreeze(),
    marking('mark', 'name hosts that go first when the fleet shrinks'),
    marking('unmark', 'take such marks back'),
  ]
}

function simple(name: 'pause' | 'resume' | 'rollback', about: string): Command {
  return withWhy(withApi(new Command(name).description(about)))
    .argument('<fleet>')
    .action(async (fleet: string, _: unknown, self: Command) =>
      (await actions()).changeFleet(fleet, name, self.optsWithGlobals()),
    )
}

function roll(): Command {
  return withWhy(
    withApi(
      new Command('roll').description('replace hosts of an older spec, in turn as the fleet’s rollout says'),
    ),
  )
    .argument('<fleet>')
    .option('--force', 'replace hosts of the present spec, too')
    .action(async (fleet: string, _: unknown, self: Command) => {
      const options: ChangeOptions & { force?: boolean } = self.optsWithGlobals()
      await (await actions()).changeFleet(fleet, 'roll', options, { force: options.force === true })
    })
}

function overrideFreeze(): Command {
  return withWhy(
    withApi(
      new Command('override-freeze').description(
        'act although too many hosts are silent at once: silent hosts are replaced, wishes are done',
      ),
    ),
  )
    .argument('<fleet>')
    .option('--for <duration>', 'how long, 1m to 24h', duration, 3_600_000)
    .action(async (fleet: string, _: unknown, self: Command) => {
      const options: ChangeOptions & { for: number } = self.optsWithGlobals()
      await (await actions()).changeFleet(fleet, 'override-freeze', options, { forMs: options.for })
    })
}

function marking(name: 'mark' | 'unmark', about: string): Command {
  return withWhy(withApi(new Command(name).description(about)))
    .argument('<fleet>')
    .argument(
      '<slots...>',
      'slot numbers, like 7 for the host …/00007',
      (value: string, before: number[] | undefined) => [...(before ?? []), slotNumber(value)],
    )
    .action(async (fleet: string, slots: number[], _: unknown, self: Command) =>
      (await actions()).changeFleet(fleet, name, self.optsWithGlobals(), { slots }),
    )
}
