import { MusterError } from '../errors.ts'
import { FIELD_KEYS, FIELD_KINDS, fullSet } from './fields.ts'
import { shortened } from './shortened.ts'
import type { FieldKey, FieldSet } from './fields.ts'
import { parseGoDuration } from './go-duration.ts'
import { parseField } from './parse-field.ts'

/**
 * `robfig-v1`: `Parse` of robfig/cron v1.2.0, five or six fields, seconds first, the day of week optional.
 * `standard`: its `ParseStandard`, exactly five fields, minutes first. Both take the `@` words.
 */
export type CronDialect = 'robfig-v1' | 'standard'

export const CRON_DIALECTS: readonly CronDialect[] = ['robfig-v1', 'standard']

export interface CalendarCron {
  kind: 'calendar'
  fields: Readonly<Record<FieldKey, FieldSet>>
  /** The text of each field as written; none for what the expression leaves out. */
  texts: Partial<Record<FieldKey, string>>
}

export interface EveryCron {
  kind: 'every'
  /** Whole seconds, at least 1. */
  everySeconds: number
}

export type Cron = CalendarCron | EveryCron

const LAYOUT: Readonly<Record<CronDialect, { keys: readonly FieldKey[]; least: number; words: string }>> = {
  'robfig-v1': {
    keys: FIELD_KEYS,
    least: 5,
    words: 'five or six fields: second minute hour day-of-month month [day-of-week]',
  },
  standard: {
    keys: FIELD_KEYS.slice(1),
    least: 5,
    words: 'exactly five fields: minute hour day-of-month month day-of-week',
  },
}

/** The `@` words, as six fields. */
const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
}

/** What Go calls white space (`unicode.IsSpace`); JavaScript's `\s` differs by U+0085 and U+FEFF. */
const BLANKS = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/

/**
 * Reads an expression.
 * @throws MusterError `bad_request` that names the field, its text, the allowed range and what to write instead
 */
export function parseCron(expression: string, dialect: CronDialect = 'robfig-v1'): Cron {
  const { cron, problems } = readCron(expression, dialect)
  if (cron !== undefined) return cron
  const shown = shortened(expression)
  throw new MusterError('bad_request', `cron expression '${shown}': ${problems.join(' And ')}`, {
    details: { expression: shown, dialect, problems },
  })
}

/** Every value of every field, written one by one, has 526 characters. */
const MAX_LENGTH = 1_000

/** Reads an expression and gathers all that is wrong with it, one sentence or two each. */
export function readCron(
  expression: string,
  dialect: CronDialect,
): { cron?: Cron; problems: readonly string[] } {
  if (!CRON_DIALECTS.includes(dialect)) {
    return { problems: [`unknown dialect '${String(dialect)}'. Use ${CRON_DIALECTS.join(' or ')}.`] }
  }
  if (expression.length > MAX_LENGTH) {
    const much = `it has ${expression.length} characters, and ${MAX_LENGTH} are the most`
    return { problems: [`${much}. Write ranges and steps (0-59, */5) instead of single values.`] }
  }
  if (expression === '') return { problems: [`it is empty. Write ${LAYOUT[dialect].words}.`] }
  if (expression.startsWith('@')) return readWord(expression)
  const texts = expression.split(BLANKS).filter((text) => text !== '')
  const problem = countProblem(texts, expression, dialect)
  return problem === undefined ? readFields(texts, LAYOUT[dialect].keys) : { problems: [problem] }
}

function readWord(expression: string): { cron?: Cron; problems: readonly string[] } {
  const fields = Object.hasOwn(WORDS, expression) ? WORDS[expression] : undefined
  if (fields !== undefined) {
    const { cron, problems } = readFields(fields.split(' '), FIELD_KEYS)
    return cron?.kind === 'calendar' ? { cron: { ...cron, texts: {} }, problems } : { problems }
  }
  if (expression.startsWith('@every ')) return readEvery(expression.slice('@every '.length))
  const words = [...Object.keys(WORDS), '@every DURATION'].join(', ')
  if (expression === '@reboot') {
    return { problems: [`'@reboot' has no meaning for a schedule that outlives its machines. Use ${words}.`] }
  }
  const near = Object.keys(WORDS).find((word) => word === expression.trim().toLowerCase())
  const hint = near === undefined ? '' : ` Write ${near}, in small letters and without blanks.`
  return { problems: [`'${expression}' is not one of the words ${words}.${hint}`] }
}

function readEvery(text: string): { cron?: Cron; problems: readonly string[] } {
  const ns = parseGoDuration(text)
  if (ns === undefined) {
    const hint = /\d[dDwW]/.test(text)
      ? ' Days and weeks are no units: write hours, 24h for a day, 168h for a week.'
      : ''
    return {
      problems: [
        `'${text}' after '@every ' is not a duration. Write one blank and numbers with units h, m, s, ms, such as @every 1h30m.${hint}`,
      ],
    }
  }
  // Below a second, zero and negative included, counts as a second; the rest of a second is dropped.
  return {
    cron: { kind: 'every', everySeconds: Math.max(1, Number(ns / 1_000_000_000n)) },
    problems: [],
  }
}

function countProblem(
  texts: readonly string[],
  expression: string,
  dialect: CronDialect,
): string | undefined {
  const { keys, least, words } = LAYOUT[dialect]
  const [first = ''] = texts
  if (/^(CRON_)?TZ=/.test(first)) {
    return `the prefix '${first}' is not part of this cron. Leave it out and give the time zone by the option timezone: ${first.replace(/^(CRON_)?TZ=/, '') || 'UTC'}.`
  }
  if (texts.length >= least && texts.length <= keys.length) return undefined
  if (first.startsWith('@')) return `blanks before '${first}'. Write the word without them.`
  const found = `it has ${texts.length} field${texts.length === 1 ? '' : 's'}`
  const hint = countHint(texts, expression, dialect)
  return `${found}, and the dialect ${dialect} takes ${words}.${hint}`
}

function countHint(texts: readonly string[], expression: string, dialect: CronDialect): string {
  if (texts.length === 7) return ' There is no field for the year: leave the last one out.'
  if (dialect === 'standard' && texts.length === 6) {
    return ' An expression that begins with seconds needs the dialect robfig-v1.'
  }
  return expression.includes('#') ? ' Comments are not part of this cron: leave them out.' : ''
}

function readFields(
  texts: readonly string[],
  keys: readonly FieldKey[],
): { cron?: Cron; problems: readonly string[] } {
  const problems: string[] = []
  const fields: Record<string, FieldSet> = {}
  const written: Partial<Record<FieldKey, string>> = {}
  for (const [index, key] of keys.entries()) {
    const text = texts[index]
    if (text === undefined) continue
    written[key] = text
    const read = parseField(key, text)
    if ('has' in read) fields[key] = read
    else problems.push(`the ${FIELD_KINDS[key].title} field '${text}': ${read.what}. ${read.advice}`)
  }
  if (problems.length > 0) return { problems }
  const { second = zero(), minute, hour, dayOfMonth, month, dayOfWeek = fullSet('dayOfWeek') } = fields
  if (!minute || !hour || !dayOfMonth || !month) return { problems: ['fields are missing.'] }
  return {
    cron: {
      kind: 'calendar',
      fields: { second, minute, hour, dayOfMonth, month, dayOfWeek },
      texts: written,
    },
    problems,
  }
}

/** Second 0 alone: what an expression without a field of seconds means. */
function zero(): FieldSet {
  const has = new Uint8Array(60)
  has[0] = 1
  return { has, star: false }
}
