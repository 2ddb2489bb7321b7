import { printFailure } from './failure.ts'
import { createProgram } from './program.ts'

async function run(): Promise<number> {
  try {
    await createProgram().parseAsync()
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return printFailure(error, process.argv.includes('--json'))
  }
}

/** A pipe takes 64 KiB at once: what it has not taken when the process ends is lost. */
const taken = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write('', () => resolve()))

// A reader that has gone (`| head`) has what it wanted.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const code = await run()
await Promise.all([taken(process.stdout), taken(process.stderr)])
// Everything has been ended by now. Temporal's runtime would keep a process alive in which it was never used.
process.exit(code)
