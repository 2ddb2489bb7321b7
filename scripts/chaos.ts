/** `npm run chaos`: its usage is in tests/chaos/whole/command.ts. */
import { chaosCommand } from '../tests/chaos/whole/command.ts'
import { runChaos } from '../tests/chaos/whole/run.ts'

try {
  process.exitCode = await chaosCommand(process.argv.slice(2), runChaos, {
    tell: console.error,
    print: console.log,
  })
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
