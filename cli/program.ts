import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { applyCommand } from './commands/apply.ts'
import { auditCommand } from './commands/audit.ts'
import { checkCommand } from './commands/check.ts'
import { fleetsCommand } from './commands/fleets.ts'
import { holdsCommand } from './commands/holds.ts'
import { hostsCommand } from './commands/hosts.ts'
import { apiCommand, emulatorCommand, workerCommand } from './commands/processes.ts'
import { cronCommand, schedulesCommand } from './commands/schedules.ts'
import { demoCommand, devCommand } from './commands/stack.ts'
import { temporalCommand } from './commands/temporal.ts'
import { sweepCommand } from './commands/sweep.ts'
import { tokensCommand } from './commands/tokens.ts'
import { usageError } from './failure.ts'

/** Every word of the command. What they do is loaded when it is asked for: `--help` and lists stay quick. */
export function createProgram(): Command {
  const program = new Command('muster')
    .description('Keeps fleets of cloud hosts alive: each host is one durable Temporal workflow.')
    .version(manifest.version)
  for (const command of [
    devCommand(),
    demoCommand(),
    hostsCommand(),
    fleetsCommand(),
    holdsCommand(),
    checkCommand(),
    applyCommand(),
    schedulesCommand(),
    cronCommand(),
    sweepCommand(),
    auditCommand(),
    tokensCommand(),
    workerCommand(),
    apiCommand(),
    emulatorCommand(),
    temporalCommand(),
  ]) {
    program.addCommand(command)
  }
  setUp(program, 'muster')
  return program
}

/** Errors are thrown, for the caller to print, and name the help that fits. */
function setUp(command: Command, path: string): void {
  command.exitOverride((error) => {
    throw usageError(error, path)
  })
  // Printed with every other failure, in `printFailure`.
  command.configureOutput({ outputError: () => {} })
  command.configureHelp({ sortSubcommands: false, showGlobalOptions: false })
  for (const below of command.commands) setUp(below, `${path} ${below.name()}`)
}
