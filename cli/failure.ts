import { CommanderError } from 'commander'
import { MusterError } from '../domain/errors.ts'
import { printJson } from './output.ts'

/** 0: done. 1: it did not work. 2: asked for in a wrong way; asking again changes nothing. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const

/** A command that has told its failure itself: nothing more is to be said. */
export class ToldFailure extends Error {}

/** Tells of a failure on stderr, in one line where it is one thing, and with `--json` as JSON on stdout as well. */
export function tellFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
  if (error instanceof ToldFailure) return EXIT.failed
  const { code, message, details } = describe(error)
  // Commander has already shown the help of a word that needs another one.
  if (message !== '') console.error(`muster: ${message}`)
  if (!(error instanceof MusterError || error instanceof CommanderError) && error instanceof Error) {
    if (process.env['MUSTER_LOG_LEVEL'] === 'debug') console.error(error.stack)
  }
  if (json) printJson({ ok: false, error: { code, message, ...(details && { details }) } })
  return USAGE.has(code) ? EXIT.usage : EXIT.failed
}

const USAGE: ReadonlySet<string> = new Set(['bad_config', 'bad_request', 'usage'])

interface Description {
  code: string
  message: string
  details?: Readonly<Record<string, unknown>>
}

function describe(error: unknown): Description {
  if (error instanceof CommanderError) return { code: 'usage', message: usageText(error) }
  if (error instanceof MusterError) {
    const { code, message, details } = error
    return { code, message, ...(Object.keys(details).length > 0 && { details }) }
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}

/** `error: unknown command 'hots'\n(Did you mean hosts?)` → one line. */
function usageText({ code, message }: CommanderError): string {
  if (code === 'commander.help') return ''
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}
