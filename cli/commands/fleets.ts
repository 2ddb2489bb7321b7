import { Command } from 'commander'
import { fleetSize, refuseWords } from '../usage.ts'
import { withApi, withWhy, type ApiOptions, type WhyOptions } from './common.ts'

export type ChangeOptions = ApiOptions & WhyOptions

/** Lists fleets and changes them. */
export function fleetsCommand(): Command {
  const actions = () => import('../actions/fleets.ts')
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
    withWhy(withApi(new Command('resize').description('change how many hosts are wanted')))
      .argument('<fleet>')
      .argument('<size>', 'hosts wanted', fleetSize)
      .action(async (fleet: string, size: number, _: unknown, self: Command) =>
        (await actions()).changeFleet(fleet, 'resize', self.optsWithGlobals(), { size }),
      ),
  )
  for (const [name, about] of [
    ['pause', 'start and retire nothing until resumed; running hosts go on'],
    ['resume', 'go on after a pause'],
  ] as const) {
    fleets.addCommand(
      withWhy(withApi(new Command(name).description(about)))
        .argument('<fleet>')
        .action(async (fleet: string, _: unknown, self: Command) =>
          (await actions()).changeFleet(fleet, name, self.optsWithGlobals()),
        ),
    )
  }
  return fleets
}
