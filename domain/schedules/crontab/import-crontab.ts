import type { ScheduledAction } from '../actions.ts'
import type { CommandMap } from './map-commands.ts'
import { readCrontab, type CrontabEntry, type CrontabProblem, type ReadOptions } from './read-crontab.ts'

/** As it is in the config below its name. */
export interface ImportedSchedule {
  cron: string
  timezone: string
  dialect?: 'standard'
  do: ScheduledAction
  note: string
}

export interface Imported {
  schedules: Record<string, ImportedSchedule>
  /** Right times whose command no pattern names: a person says what they are to do. */
  unmapped: CrontabEntry[]
  problems: CrontabProblem[]
  remarks: CrontabProblem[]
}

/** A crontab as schedules. The maps say which action a command becomes; the first that matches counts. */
export function importCrontab(content: string, options: ReadOptions, maps: readonly CommandMap[]): Imported {
  const { entries, problems, remarks } = readCrontab(content, options)
  const imported: Imported = { schedules: {}, unmapped: [], problems, remarks }
  for (const entry of entries) {
    const map = maps.find(({ matches }) => matches(entry.command))
    if (map === undefined) {
      imported.unmapped.push(entry)
      continue
    }
    const { expression, dialect, timezone, command, user, note } = entry
    const was = `was: ${command}${user === undefined ? '' : ` (as ${user})`}`
    imported.schedules[freeName(nameOf(command), imported.schedules)] = {
      cron: expression,
      timezone,
      ...(dialect === 'standard' && { dialect }),
      do: map.action,
      note: (note === undefined ? was : `${note}; ${was}`).slice(0, MAX_NOTE),
    }
  }
  return imported
}

const MAX_NOTE = 200
const MAX_NAME = 50

/** `/opt/bin/scale-up.sh render 40` → `scale-up-render-40` */
function nameOf(command: string): string {
  const [program = '', ...words] = command.split(/\s+/)
  const short = program.replace(/^.*\//, '').replace(/\.\w+$/, '')
  const name = [short, ...words]
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, MAX_NAME)
    .replace(/-+$/, '')
  return name || 'job'
}

function freeName(name: string, taken: Record<string, unknown>): string {
  if (!Object.hasOwn(taken, name)) return name
  let n = 2
  while (Object.hasOwn(taken, `${name}-${n}`)) n++
  return `${name}-${n}`
}
