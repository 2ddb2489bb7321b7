import { CommanderError } from 'commander'
import { MusterError } from '../domain/errors.ts'
import { printJson } from './output.ts'

/** 0: done. 1: it did not work. 2: asked for in a wrong way; asking again changes nothing. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const

/** Tells of a failure on stderr, in one line where it is one thing, and with `--json` as JSON on stdout as well. */
export function printFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
  const { code, message, details } = describe(error)
  if (message !== '') console.error(`muster: ${message}`)
  if (!(error instanceof MusterError || error instanceof CommanderError) && error instanceof Error) {
    if (process.env['MUSTER_LOG_LEVEL'] === 'debug') console.error(error.stack)
  }
  if (json) printJson({ ok: false, error: { code, message, ...(details && { details }) } })
  return USAGE.has(code) ? EXIT.usage : EXIT.failed
}

const USAGE: ReadonlySet<string> = new Set(['bad_config', 'bad_request', 'usage'])

/** A word of the command line that is wrong, in one line with the help that fits; help itself is no failure. */
export function usageError(error: CommanderError, path: string): Error {
  if (error.exitCode === 0 || error.code === 'commander.help') return error
  const text = error.message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '')
  return new MusterError('bad_request', `${text}; see ${path} --help`, { cause: error })
}

interface Description {
  code: string
  message: string
  details?: Readonly<Record<string, unknown>>
}

function describe(error: unknown): Description {
  // Commander has already shown the help of a word that needs another one.
  if (error instanceof CommanderError) return { code: 'usage', message: '' }
  if (error instanceof MusterError) {
    const { code, message, details } = error
    return { code, message, ...(Object.keys(details).length > 0 && { details }) }
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
