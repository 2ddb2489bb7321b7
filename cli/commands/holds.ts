import { Command } from 'commander'
import { refuseWords, wholeNumber } from '../usage.ts'
import { withApi, withWhy, type ApiOptions, type WhyOptions } from './common.ts'

export interface ListHoldsOptions extends ApiOptions {
  closed?: boolean
}

/** What the breaker stops, and how a person ends it. */
export function holdsCommand(): Command {
  const actions = () => import('../actions/holds.ts')
  const holds = withApi(new Command('holds'))
    .description('list what is not launched because its boots fail, or release it')
    .allowExcessArguments()
    .action(async (options: ListHoldsOptions, self: Command) => {
      refuseWords(self)
      await (await actions()).listHolds(options)
    })
  holds.addCommand(
    withApi(new Command('list').description('open holds, the newest first'))
      .option('--closed', 'those that are closed, too')
      .action(async (_: unknown, self: Command) => (await actions()).listHolds(self.optsWithGlobals())),
  )
  holds.addCommand(
    withWhy(withApi(new Command('release').description('launch there again, and count failures anew')))
      .argument('<id>', 'number of the hold', wholeNumber(1, 999_999_999))
      .action(async (id: number, _: unknown, self: Command) =>
        (await actions()).releaseHold(id, self.optsWithGlobals<ApiOptions & WhyOptions>()),
      ),
  )
  return holds
}
