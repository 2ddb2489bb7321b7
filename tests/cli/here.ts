import { format } from 'node:util'
import { vi } from 'vitest'
import { printFailure } from '../../cli/failure.ts'
import { createProgram } from '../../cli/program.ts'
import { lastJson, type Ended, type Place, type StartOptions } from './muster.ts'

/**
 * Runs the command to its end as {@link import('./muster.ts').runMuster} does, in this process: for the many questions
 * about what a command says, each of which would take a second to start a process. Paths in `args` are absolute.
 */
export async function runHere(
  place: Place,
  args: string[],
  { env = {} }: Omit<StartOptions, 'program'> = {},
): Promise<Ended> {
  const out = listenTo('stdout', 'log')
  const err = listenTo('stderr', 'error')
  for (const [name, value] of Object.entries({ ...place.env, ...env })) vi.stubEnv(name, value)
  try {
    return { code: await codeOf(args), stdout: out.text(), stderr: err.text() }
  } finally {
    vi.unstubAllEnvs()
    out.restore()
    err.restore()
  }
}

/** Runs it here with `--json` and reads its last line; a failure is an error with what it said. */
export async function askHere<T>(
  place: Place,
  args: string[],
  options: Omit<StartOptions, 'program'> = {},
): Promise<T> {
  const { code, stdout, stderr } = await runHere(place, [...args, '--json'], options)
  if (code !== 0) throw new Error(`muster ${args.join(' ')} ended with ${code}: ${stderr}`)
  return lastJson<T>(stdout)
}

async function codeOf(args: string[]): Promise<number> {
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await createProgram().parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    return printFailure(error, args.includes('--json'))
  } finally {
    process.exitCode = before
  }
}

/** What is said there, by the console or to the stream itself, without the last end of line. */
function listenTo(stream: 'stdout' | 'stderr', method: 'log' | 'error') {
  let said = ''
  const written = vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    said += String(chunk)
    return true
  })
  const logged = vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
    said += `${format(...words)}\n`
  })
  return {
    text: () => said.replace(/\n$/, ''),
    restore() {
      written.mockRestore()
      logged.mockRestore()
    },
  }
}
