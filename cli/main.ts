import { tellFailure } from './failure.ts'
import { createProgram } from './program.ts'

async function run(): Promise<number> {
  try {
    await createProgram().parseAsync()
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return tellFailure(error, process.argv.includes('--json'))
  }
}

// Everything has been ended by now. Temporal's runtime would keep a process alive in which it was never used.
process.exit(await run())
