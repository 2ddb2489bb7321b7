import { explain, type CronDialect } from '../../cron/index.ts'
import { zoneOf } from '../../cron/zone.ts'
import { MusterError } from '../../errors.ts'

/** A line of a crontab that a schedule can be made of, but for what it is to do. */
export interface CrontabEntry {
  /** From 1. */
  line: number
  expression: string
  dialect: CronDialect
  timezone: string
  command: string
  /** Who ran it; of files with a column for it. */
  user?: string
  /** The comment right above it. */
  note?: string
}

/** A line, and what is to be said about it. */
export interface CrontabProblem {
  line: number
  text: string
  why: string
}

export interface Crontab {
  entries: CrontabEntry[]
  /** Jobs that no schedule can be made of, and lines that are nothing at all. */
  problems: CrontabProblem[]
  /** Lines that are no jobs, and what became of them: `MAILTO=ops`. */
  remarks: CrontabProblem[]
}

export interface ReadOptions {
  /** Until a line `TZ=` or `CRON_TZ=` names another. */
  timezone: string
  /** 5: minute first, as in a crontab; 6: second first, as robfig/cron v1; absent: six when six are right, else five. */
  fields?: 5 | 6
  /** The word behind the times names who runs the command, as in /etc/crontab. */
  userColumn?: boolean
}

const MAX_NOTE = 200
const VARIABLE = /^([A-Za-z_]\w*)\s*=/
/** For all lines below it. Blanks around the sign and quotes are as Vixie's cron takes them. */
const ZONE_LINE = /^(CRON_TZ|TZ)\s*=\s*["']?([^\s"']+)["']?$/
/** For this line. */
const ZONE_PREFIX = /^(?:CRON_TZ|TZ)=(\S+)\s+(\S.*)$/

/** What holds for the next line. */
interface Above {
  timezone: string
  note?: string
}

/**
 * Reads a crontab. Every line is an entry, a problem, a remark, a comment or empty: none is left out in silence.
 * @throws MusterError `bad_request` when the time zone of the options is none
 */
export function readCrontab(content: string, options: ReadOptions): Crontab {
  const crontab: Crontab = { entries: [], problems: [], remarks: [] }
  zoneOf(options.timezone) // once, and not again with each line
  let above: Above = { timezone: options.timezone }
  for (const [index, raw] of content.split(/\r?\n/).entries()) {
    const line: Line = { line: index + 1, text: raw.trim() }
    const next = commentOrEmpty(line, above) ?? assignment(crontab, line, above)
    if (next === undefined) takeJob(crontab, line, above, options)
    above = next ?? { timezone: above.timezone }
  }
  return crontab
}

type Line = Pick<CrontabProblem, 'line' | 'text'>

function commentOrEmpty({ text }: Line, { timezone }: Above): Above | undefined {
  if (text === '') return { timezone }
  if (!text.startsWith('#')) return undefined
  const note = text.replace(/^#+\s*/, '').slice(0, MAX_NOTE)
  return { timezone, ...(note !== '' && { note }) }
}

/** A variable: a time zone holds for the lines below, and schedules have no use for any other. */
function assignment({ problems, remarks }: Crontab, line: Line, above: Above): Above | undefined {
  const [, zoneName, zone] = ZONE_LINE.exec(line.text) ?? []
  if (zone !== undefined) {
    const wrong = zoneProblem(zone)
    if (wrong !== undefined) problems.push({ ...line, why: wrong })
    else if (zoneName === 'TZ') remarks.push({ ...line, why: TZ_REMARK })
    return { timezone: zone }
  }
  const [, variable] = ZONE_PREFIX.test(line.text) ? [] : (VARIABLE.exec(line.text) ?? [])
  if (variable === undefined) return undefined
  remarks.push({ ...line, why: `schedules have no environment: ${variable} is left out` })
  return above
}

const TZ_REMARK =
  'taken as the time zone of the lines below. Many crons give TZ to the commands only: say --timezone and take the line out if yours does'

function zoneProblem(zone: string): string | undefined {
  try {
    zoneOf(zone)
    return undefined
  } catch (error) {
    if (error instanceof MusterError) return error.message
    throw error
  }
}

function takeJob(
  { entries, problems }: Crontab,
  { line, text }: Line,
  { timezone, note }: Above,
  options: ReadOptions,
): void {
  const [, zone = timezone, rest = text] = ZONE_PREFIX.exec(text) ?? []
  const read = readJob(rest, zone, options)
  if ('why' in read) problems.push({ line, text, why: read.why })
  else entries.push({ line, ...read, timezone: zone, ...(note !== undefined && { note }) })
}

type Read = Pick<CrontabEntry, 'expression' | 'dialect' | 'command' | 'user'> | { why: string }

function readJob(text: string, timezone: string, { fields, userColumn = false }: ReadOptions): Read {
  const words = text.split(/\s+/)
  const take = (count: number, dialect: CronDialect) => {
    const expression = words.slice(0, count).join(' ')
    const { problems } = explain(expression, { dialect, timezone })
    const [user] = userColumn ? words.slice(count, count + 1) : []
    const command = words.slice(count + (userColumn ? 1 : 0)).join(' ')
    return { expression, dialect, command, ...(user !== undefined && { user }), problems }
  }
  if (text.startsWith('@')) return judge(take(words[0] === '@every' ? 2 : 1, 'robfig-v1'))
  if (fields !== undefined) return judge(take(fields, fields === 6 ? 'robfig-v1' : 'standard'))
  const six = take(6, 'robfig-v1')
  return judge(
    words.length > 5 && six.problems.length === 0 ? six : sixOrFive(words, six, take(5, 'standard')),
  )
}

type Taken = Extract<Read, { command: string }> & { problems: string[] }

/** Where both are wrong, the one that was meant: a sixth word made of field letters is a sixth field. */
function sixOrFive(words: string[], six: Taken, five: Taken): Taken {
  const isField = /^[\d*?][\d*?,/-]*$|^(SUN|MON|TUE|WED|THU|FRI|SAT)\b/i.test(words[5] ?? '')
  return isField ? six : five
}

function judge({ problems, ...entry }: Taken): Read {
  if (problems.length > 0) return { why: problems.join(' ') }
  return entry.command === '' ? { why: 'there is no command behind the times: what should it do?' } : entry
}
