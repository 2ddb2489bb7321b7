import { Command, Option } from 'commander'
import { withStore, type InstallationOptions } from './common.ts'

export interface AddTokenOptions extends InstallationOptions {
  role: 'viewer' | 'operator'
}

const withPlace = (command: Command): Command =>
  withStore(command.option('--config <file>', 'YAML config; without it the stack that runs on this machine'))

/** Who may use API and dashboard. */
export function tokensCommand(): Command {
  const actions = () => import('../actions/tokens.ts')
  return new Command('tokens')
    .description('tokens of people and programs for API and dashboard')
    .addCommand(
      withPlace(new Command('add').description('make a token; it is shown once'))
        .argument('<name>', 'whose it is: stands in the audit')
        .addOption(
          new Option('--role <role>', 'what it may do').choices(['viewer', 'operator']).default('viewer'),
        )
        .action(async (name: string, options: AddTokenOptions) => (await actions()).addToken(name, options)),
    )
    .addCommand(
      withPlace(new Command('list').description('names and roles')).action(
        async (options: InstallationOptions) => (await actions()).listTokens(options),
      ),
    )
    .addCommand(
      withPlace(new Command('remove').description('refuse a token from now on'))
        .argument('<name>')
        .action(async (name: string, options: InstallationOptions) =>
          (await actions()).removeToken(name, options),
        ),
    )
}
