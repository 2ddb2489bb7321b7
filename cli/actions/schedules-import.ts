import { readFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { MusterError } from '../../domain/errors.ts'
import { importCrontab } from '../../domain/schedules/crontab/import-crontab.ts'
import type { CrontabProblem } from '../../domain/schedules/crontab/read-crontab.ts'
import { parseCommandMap } from '../../domain/schedules/crontab/map-commands.ts'
import type { ImportOptions } from '../commands/schedules.ts'
import { EXIT } from '../failure.ts'
import { printJson } from '../output.ts'
import { whyUnreadable } from '../why-unreadable.ts'

/** Prints the section on stdout and what was not taken on stderr: exit code 1 when a job is left. */
export async function importSchedules(file: string, options: ImportOptions): Promise<void> {
  const { timezone, fields, map, userColumn, json } = options
  const content = await read(file)
  const reading = {
    timezone,
    ...(fields !== undefined && { fields: Number(fields) as 5 | 6 }),
    ...(userColumn === true && { userColumn }),
  }
  const { schedules, unmapped, problems, remarks } = importCrontab(content, reading, map.map(parseCommandMap))
  const isWhole = unmapped.length === 0 && problems.length === 0
  process.exitCode = isWhole ? EXIT.ok : EXIT.failed
  if (json) return printJson({ ok: isWhole, schedules, unmapped, problems, remarks })
  process.stdout.write(stringify({ schedules }, { lineWidth: 0, aliasDuplicateObjects: false }))
  const left = [
    ...unmapped.map(({ line, expression, command }) => ({
      line,
      words: `${expression}: what does "${command}" stand for? Say it with --map '${command}=…'`,
    })),
    ...problems.map(lineWords),
  ]
  const told = [...left, ...remarks.map(lineWords)].toSorted((a, b) => a.line - b.line)
  for (const { line, words } of told) console.error(`line ${line}: ${words}`)
  const taken = Object.keys(schedules).length
  console.error(`${taken} ${taken === 1 ? 'line' : 'lines'} taken, ${left.length} left out`)
}

const lineWords = ({ line, text, why }: CrontabProblem) => ({ line, words: `${text}: ${why}` })

async function read(file: string): Promise<string> {
  const bytes = await readBytes(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const advice = 'if it has another encoding, convert it first: iconv -f LATIN1 -t UTF-8'
    throw new MusterError('bad_request', `the crontab ${file} is no UTF-8 text; ${advice}`, { cause })
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file)
  } catch (cause) {
    throw new MusterError('bad_request', `cannot read the crontab ${file}: ${whyUnreadable(cause)}`, {
      cause,
    })
  }
}
