import { MusterError } from '../errors.ts'
import { daysNeedBoth } from './compile.ts'
import { describeCron, neverFires } from './describe.ts'
import { FIELD_KEYS, FIELD_KINDS, isFull } from './fields.ts'
import type { FieldKey } from './fields.ts'
import { readCron } from './parse.ts'
import type { CalendarCron, Cron, CronDialect } from './parse.ts'
import { setWords } from './set-words.ts'
import { translateCron } from './translate.ts'

export interface ExplainOptions {
  /** Default `robfig-v1`. */
  dialect?: CronDialect | undefined
  /** When given, problems of this zone are reported too. */
  timezone?: string | undefined
}

export interface ExplainedField {
  field: FieldKey
  title: string
  /** As written; undefined for a field that the expression leaves out. */
  text?: string
  /** "minutes 0 and 30". */
  words: string
}

export interface CronExplanation {
  expression: string
  dialect: CronDialect
  /** The whole in words; undefined when the expression is wrong. */
  describe?: string
  /** Empty for a wrong expression and for `@every`. */
  fields: ExplainedField[]
  /** What is wrong, each with what to write instead; empty when a schedule can be made of it. */
  problems: string[]
  /** What other crons would read in it. */
  differs: string[]
}

/** Says what an expression means, what is wrong with it, and what differs from other crons. Never throws. */
export function explain(expression: string, options: ExplainOptions = {}): CronExplanation {
  const { dialect = 'robfig-v1', timezone } = options
  const { cron, problems } = readCron(expression, dialect)
  if (cron === undefined) {
    return { expression, dialect, fields: [], problems: [...problems], differs: [] }
  }
  const never = neverFires(cron)
  return {
    expression,
    dialect,
    describe: describeCron(cron, { timezone }),
    fields: cron.kind === 'every' ? [] : FIELD_KEYS.map((key) => fieldOf(cron, key)),
    problems: [
      ...(never === undefined ? [] : [`It never fires: ${never}.`]),
      ...zoneProblems(expression, dialect, timezone),
    ],
    differs: differencesOf(expression, cron, dialect),
  }
}

function fieldOf(cron: CalendarCron, key: FieldKey): ExplainedField {
  const text = cron.texts[key]
  return {
    field: key,
    title: FIELD_KINDS[key].title,
    ...(text === undefined ? {} : { text }),
    words: setWords(key, cron.fields[key]),
  }
}

function zoneProblems(expression: string, dialect: CronDialect, timezone: string | undefined): string[] {
  if (timezone === undefined) return []
  try {
    translateCron(expression, { timezone, dialect })
    return []
  } catch (error) {
    if (error instanceof MusterError && error.code === 'bad_request') return [error.message]
    throw error
  }
}

function differencesOf(expression: string, cron: Cron, dialect: CronDialect): string[] {
  if (cron.kind === 'every') {
    return [
      "@every counts from the schedule's anchor. Temporal's own @every counts from 1970-01-01T00:00:00Z.",
      'Less than a second counts as one second, and parts of a second are dropped.',
    ]
  }
  return [...layoutDifferences(expression, cron, dialect), ...textDifferences(cron), ...dayDifferences(cron)]
}

function layoutDifferences(expression: string, cron: CalendarCron, dialect: CronDialect): string[] {
  if (expression.startsWith('@') || dialect === 'standard') return []
  if (cron.texts.dayOfWeek === undefined) {
    return [
      'Five fields begin with the second here. In a crontab, and in the dialect standard, five fields begin with the minute.',
    ]
  }
  return [
    "Six fields begin with the second here. Temporal's own cron strings read six fields as minute to year, which is another schedule.",
  ]
}

/** Spellings that other crons refuse or read in another way. */
const SPELLINGS: readonly { found: RegExp; words: string }[] = [
  {
    found: /\?/,
    words: "'?' is the same as '*' in every field. Quartz wants it for days, Temporal refuses it.",
  },
  { found: /^,|,,|,$/, words: 'Empty items of a list are left out. Most crons refuse them.' },
  {
    found: /(^|,)[^*?,/-]+\//,
    words: "'N/step' runs from N to the field's maximum. A crontab of Vixie's kind refuses it.",
  },
  { found: /[*?]-/, words: "What follows '*-' is ignored. Most crons refuse it." },
]

function textDifferences({ texts }: CalendarCron): string[] {
  const written = Object.values(texts)
  return SPELLINGS.filter(({ found }) => written.some((text) => found.test(text))).map(({ words }) => words)
}

function dayDifferences(cron: CalendarCron): string[] {
  const { dayOfMonth, dayOfWeek } = cron.fields
  if (isFull('dayOfMonth', dayOfMonth) || isFull('dayOfWeek', dayOfWeek)) return []
  if (!daysNeedBoth(cron)) {
    return ["Day of month or day of week: either is enough. Temporal's own cron strings want both at once."]
  }
  return [
    "Day of month and day of week have to match both, since one of them has a '*' or '?' in it. robfig/cron v3 takes '*/2' for a list of days, and then either is enough.",
  ]
}
