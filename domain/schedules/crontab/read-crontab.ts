import { explain, type CronDialect } from '../../cron/index.ts'
import { zoneOf } from '../../cron/zone.ts'

/** A line of a crontab that a schedule can be made of, but for what it is to do. */
export interface CrontabEntry {
  /** From 1. */
  line: number
  expression: string
  dialect: CronDialect
  timezone: string
  command: string
  /** The comment right above it. */
  note?: string
}

/** A line that was not taken, and what to do about it. */
export interface CrontabProblem {
  line: number
  text: string
  why: string
}

export interface Crontab {
  entries: CrontabEntry[]
  problems: CrontabProblem[]
}

export interface ReadOptions {
  /** Until a line `TZ=` or `CRON_TZ=` names another. */
  timezone: string
  /** 5: minute first, as in a crontab; 6: second first, as robfig/cron v1; absent: six when six are right, else five. */
  fields?: 5 | 6
}

const MAX_NOTE = 200
const VARIABLE = /^([A-Za-z_]\w*)\s*=/
/** For all lines below it. */
const ZONE_LINE = /^(?:CRON_TZ|TZ)\s*=\s*["']?([^\s"']+)["']?$/
/** For this line. */
const ZONE_PREFIX = /^(?:CRON_TZ|TZ)=(\S+)\s+(\S.*)$/

/** What holds for the next line. */
interface Above {
  timezone: string
  note?: string
}

/**
 * Reads a crontab. Every line is an entry, a problem, a comment, a time zone or empty: none is left out in silence.
 * @throws MusterError `bad_request` when the time zone of the options is none
 */
export function readCrontab(content: string, options: ReadOptions): Crontab {
  const crontab: Crontab = { entries: [], problems: [] }
  zoneOf(options.timezone) // once, and not again with each line
  let above: Above = { timezone: options.timezone }
  for (const [index, raw] of content.split(/\r?\n/).entries()) {
    const text = raw.trim()
    const silent = silentLine(text, above)
    if (silent === undefined) takeLine(crontab, { line: index + 1, text }, above, options.fields)
    above = silent ?? { timezone: above.timezone }
  }
  return crontab
}

/** A line that says something about those below it, or nothing; undefined for any other. */
function silentLine(text: string, { timezone }: Above): Above | undefined {
  if (text === '') return { timezone }
  if (text.startsWith('#')) {
    const note = text.replace(/^#+\s*/, '').slice(0, MAX_NOTE)
    return { timezone, ...(note !== '' && { note }) }
  }
  const [, zone] = ZONE_LINE.exec(text) ?? []
  return zone === undefined ? undefined : { timezone: zone }
}

function takeLine(
  { entries, problems }: Crontab,
  { line, text }: Pick<CrontabProblem, 'line' | 'text'>,
  { timezone, note }: Above,
  fields: 5 | 6 | undefined,
): void {
  const [, zone = timezone, rest = text] = ZONE_PREFIX.exec(text) ?? []
  const [, variable] = VARIABLE.exec(rest) ?? []
  const read: Read =
    variable === undefined
      ? readLine(rest, zone, fields)
      : { why: `schedules have no environment: ${variable} is left out` }
  if ('why' in read) problems.push({ line, text, why: read.why })
  else entries.push({ line, ...read, timezone: zone, ...(note !== undefined && { note }) })
}

type Read = Pick<CrontabEntry, 'expression' | 'dialect' | 'command'> | { why: string }

function readLine(text: string, timezone: string, fields: 5 | 6 | undefined): Read {
  const words = text.split(/\s+/)
  const take = (count: number, dialect: CronDialect) => {
    const expression = words.slice(0, count).join(' ')
    const { problems } = explain(expression, { dialect, timezone })
    return { expression, dialect, command: words.slice(count).join(' '), problems }
  }
  if (text.startsWith('@')) return judge(take(words[0] === '@every' ? 2 : 1, 'robfig-v1'))
  if (fields !== undefined) return judge(take(fields, fields === 6 ? 'robfig-v1' : 'standard'))
  const six = take(6, 'robfig-v1')
  return judge(
    words.length > 5 && six.problems.length === 0 ? six : sixOrFive(words, six, take(5, 'standard')),
  )
}

type Taken = Pick<CrontabEntry, 'expression' | 'dialect' | 'command'> & { problems: string[] }

/** Where both are wrong, the one that was meant: a sixth word made of field letters is a sixth field. */
function sixOrFive(words: string[], six: Taken, five: Taken): Taken {
  const isField = /^[\d*?][\d*?,/-]*$|^(SUN|MON|TUE|WED|THU|FRI|SAT)\b/i.test(words[5] ?? '')
  return isField ? six : five
}

function judge({ problems, ...entry }: Taken): Read {
  if (problems.length > 0) return { why: problems.join(' ') }
  return entry.command === '' ? { why: 'there is no command behind the times: what should it do?' } : entry
}
