import { Command } from 'commander'
import { MusterError } from '../domain/errors.ts'
import { apiCommand } from './commands/api.ts'
import { demoCommand } from './commands/demo.ts'
import { devCommand } from './commands/dev.ts'
import { emulatorCommand } from './commands/emulator.ts'
import { fleetsCommand } from './commands/fleets.ts'
import { hostsCommand } from './commands/hosts.ts'
import { temporalCommand } from './commands/temporal.ts'
import { workerCommand } from './commands/worker.ts'

const program = new Command('muster')
  .description('Keeps fleets of cloud hosts alive: each host is one durable Temporal workflow.')
  .showHelpAfterError('(--help tells what there is)')
  .configureHelp({ sortSubcommands: false })

for (const command of [
  devCommand(),
  demoCommand(),
  hostsCommand(),
  fleetsCommand(),
  workerCommand(),
  apiCommand(),
  emulatorCommand(),
  temporalCommand(),
]) {
  program.addCommand(command)
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Error)) throw error
  console.error(`muster: ${error.message}`)
  if (!(error instanceof MusterError) && process.env['MUSTER_LOG_LEVEL'] === 'debug')
    console.error(error.stack)
  // Everything has been ended by now. The SDK's runtime would keep the process alive when it was installed and never used.
  process.exit(1)
}
