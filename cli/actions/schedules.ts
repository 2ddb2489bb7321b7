import { durationText } from '../../domain/config/duration.ts'
import { zoneTime } from '../../domain/schedules/zone-time.ts'
import type { ScheduleAnswer, ScheduleList, ScheduleView } from '../client/answers.ts'
import { apiClient } from '../client/api.ts'
import type { ApiOptions } from '../commands/common.ts'
import type { BackfillOptions, ScheduleChangeOptions } from '../commands/schedules.ts'
import { paint, printFacts, printJson, printTable } from '../output.ts'

/** Each as a block of its own: five times do not fit into a row. */
export async function listSchedules(options: ApiOptions): Promise<void> {
  const { schedules } = await apiClient(options).get<ScheduleList>('/v1/schedules')
  if (options.json) return printJson({ schedules })
  if (schedules.length === 0) return console.log('no schedules: a config’s section `schedules` makes them')
  for (const [index, schedule] of schedules.entries()) {
    if (index > 0) console.log('')
    printFacts(factsOf(schedule))
  }
}

export async function showSchedule(name: string, options: ApiOptions): Promise<void> {
  const schedule = await apiClient(options).get<ScheduleView>(pathOf(name))
  if (options.json) return printJson(schedule)
  const { overlap, catchUpMs, jitterMs, anchor, counts, links, runs, timezone } = schedule
  const { 'last runs': _below, ...facts } = factsOf(schedule)
  printFacts({
    ...facts,
    ...(runs.length === 0 && { 'last runs': 'none yet' }),
    overlap,
    'catches up': `what is up to ${durationText(catchUpMs)} late`,
    jitter: jitterMs === 0 ? undefined : `up to ${durationText(jitterMs)}`,
    'counts from': anchor,
    'since it was made': `${counts.taken} begun, ${counts.skipped} skipped because the last one went on, ${counts.missed} too late to catch up`,
    'in Temporal': links.temporal,
  })
  if (runs.length === 0) return
  console.log('')
  printTable(
    ['due', 'began', 'outcome', ''],
    runs.map(({ dueAt, startedAt, outcome, text }) => [
      zoneTime(new Date(dueAt), timezone),
      zoneTime(new Date(startedAt), timezone),
      shown(outcome),
      text,
    ]),
  )
}

export async function changeSchedule(
  name: string,
  what: 'pause' | 'resume' | 'trigger',
  options: ScheduleChangeOptions,
): Promise<void> {
  const answer = await post(name, what, options, { why: options.why })
  if (options.json) return printJson(answer)
  console.log(`${name}: ${answer.done}`)
}

export async function backfillSchedule(name: string, options: BackfillOptions): Promise<void> {
  const { from, to, overlap, why } = options
  const answer = await post(name, 'backfill', options, { from, to, why, ...(overlap && { overlap }) })
  if (options.json) return printJson(answer)
  console.log(`${name}: ${answer.firings ?? 0} firings from ${from} to ${to} are under way`)
}

const pathOf = (name: string): string => `/v1/schedules/${encodeURIComponent(name)}`

const post = (name: string, what: string, options: ApiOptions, body: object): Promise<ScheduleAnswer> =>
  apiClient(options).post<ScheduleAnswer>(`${pathOf(name)}/${what}`, body)

function factsOf(schedule: ScheduleView): Record<string, string | undefined> {
  const { name, cron, dialect, timezone, words, does, note, paused, stateNote, next, runs } = schedule
  return {
    schedule: name,
    does,
    cron: `${cron}${dialect === 'standard' ? ' (standard)' : ''}  ${timezone}`,
    'in words': words,
    note,
    state: paused ? paint('yellow', pausedWords(stateNote)) : 'running',
    next: next.length === 0 ? 'never again' : next.map((at) => zoneTime(new Date(at), timezone)).join(', '),
    'last runs': runs.length === 0 ? 'none yet' : runs.map((run) => runLine(run, timezone)).join('\n'),
  }
}

const runLine = ({ dueAt, outcome, text }: ScheduleView['runs'][number], timezone: string): string =>
  `${zoneTime(new Date(dueAt), timezone)}  ${shown(outcome)}  ${text}`

/** Muster's own notes begin with the word; those of other programs may say anything. */
function pausedWords(note: string): string {
  if (note === '' || note.startsWith('paused')) return note || 'paused'
  return `paused: ${note}`
}

const COLOURS = { ok: 'green', failed: 'red', running: 'cyan', unknown: 'dim' } as const

const shown = (outcome: keyof typeof COLOURS): string => paint(COLOURS[outcome], outcome)
