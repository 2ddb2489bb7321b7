import { daysNeedBoth, hasNoTimes } from './compile.ts'
import { isFull, valuesOf } from './fields.ts'
import type { FieldSet } from './fields.ts'
import type { CalendarCron, Cron } from './parse.ts'
import { evenStep, listWords, ordinal, setWords } from './set-words.ts'

export interface DescribeOptions {
  /** Said last when given. */
  timezone?: string | undefined
  /** Where `@every` counts from, seconds since 1970. */
  anchorSeconds?: number | undefined
}

/** More times of day than these are said by their pattern. */
const MAX_TIMES = 6

/** An expression in words for people: "every day at 03:00:00 Asia/Shanghai". */
export function describeCron(cron: Cron, { timezone, anchorSeconds }: DescribeOptions = {}): string {
  if (cron.kind === 'every') {
    const from = new Date((anchorSeconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z')
    const since = anchorSeconds === undefined ? '' : `, counted from ${from}`
    return `every ${durationWords(cron.everySeconds)}${since}`
  }
  const never = neverFires(cron)
  if (never !== undefined) return `never: ${never}`
  const times = timesOfDay(cron)
  const days = dayWords(cron)
  const zone = timezone === undefined ? '' : ` ${timezone}`
  if (times.length > 0) return `${days || 'every day'} at ${listWords(times)}${zone}`
  return `${patternWords(cron)}${days === '' ? '' : `, ${days}`}${zone === '' ? '' : `,${zone}`}`
}

/** Why an expression never fires; undefined when it does. */
export function neverFires(cron: Cron): string | undefined {
  if (cron.kind === 'every') return undefined
  if (hasNoTimes(cron)) return 'a list is empty'
  const { dayOfMonth, month, dayOfWeek } = cron.fields
  if (!daysNeedBoth(cron) && valuesOf(dayOfWeek).length > 0) return undefined
  const [first = 0] = valuesOf(dayOfMonth)
  const tooLate = (value: number) => first > (value === 2 ? 29 : [4, 6, 9, 11].includes(value) ? 30 : 31)
  return valuesOf(month).every(tooLate) ? 'no such date exists' : undefined
}

/** 5400 → "1 hour 30 minutes", 60 → "minute". */
function durationWords(seconds: number): string {
  const parts = [
    { unit: 'hour', count: Math.floor(seconds / 3_600) },
    { unit: 'minute', count: Math.floor(seconds / 60) % 60 },
    { unit: 'second', count: seconds % 60 },
  ].filter(({ count }) => count > 0)
  const [only] = parts
  if (parts.length === 1 && only?.count === 1) return only.unit
  return parts.map(({ unit, count }) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ')
}

const two = (part: number) => String(part).padStart(2, '0')

/** The times of day of an expression that has few; none for one that has many. */
function timesOfDay({ fields }: CalendarCron): string[] {
  const hours = valuesOf(fields.hour)
  if (hours.length > MAX_TIMES) return []
  const minutes = valuesOf(fields.minute)
  const seconds = valuesOf(fields.second)
  if (hours.length * minutes.length * seconds.length > MAX_TIMES) return []
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => `${two(hour)}:${two(minute)}:${two(second)}`)),
  )
}

/** "every 5 minutes", "every 10 seconds of minute 5 from 08:00 to 18:59". */
function patternWords({ fields: { second, minute, hour } }: CalendarCron): string {
  const seconds = secondWords(second)
  const minuteStep = evenStep('minute', minute)
  const words = [seconds, minuteWords(minute, seconds), hourWords(hour)]
  if (isFull('hour', hour) && minuteStep === undefined) words[2] = 'of every hour'
  return words.filter((part) => part !== '').join(' ')
}

function secondWords(second: FieldSet): string {
  const values = valuesOf(second)
  if (values.length === 1 && values[0] === 0) return ''
  const step = evenStep('second', second)
  if (step === undefined) return `at ${setWords('second', second)}`
  return step === 1 ? 'every second' : `every ${step} seconds`
}

function minuteWords(minute: FieldSet, seconds: string): string {
  const step = evenStep('minute', minute)
  if (seconds === '') {
    if (step === undefined) return `at ${setWords('minute', minute)}`
    return step === 60 ? 'every hour' : step === 1 ? 'every minute' : `every ${step} minutes`
  }
  if (step === 1) return seconds.startsWith('every') ? '' : 'of every minute'
  if (step === 60) return 'of the first minute of every hour'
  return `of ${step === undefined ? setWords('minute', minute) : `every ${ordinal(step)} minute`}`
}

function hourWords(hour: FieldSet): string {
  if (isFull('hour', hour)) return ''
  const hours = valuesOf(hour)
  const first = hours[0] ?? 0
  const last = hours.at(-1) ?? 0
  if (last - first + 1 === hours.length) return `from ${two(first)}:00 to ${two(last)}:59`
  return `in ${setWords('hour', hour)}`
}

/** Empty for every day of the year. */
function dayWords(cron: CalendarCron): string {
  const { dayOfMonth, month, dayOfWeek } = cron.fields
  const anyDay = isFull('dayOfMonth', dayOfMonth)
  const anyWeekday = isFull('dayOfWeek', dayOfWeek)
  const months = isFull('month', month) ? '' : setWords('month', month)
  const inMonths = months === '' ? '' : ` in ${months}`
  const byMonth = `on ${setWords('dayOfMonth', dayOfMonth)} of ${months || 'the month'}`
  const byWeek = setWords('dayOfWeek', dayOfWeek)
  const everyDay = months === '' ? '' : `every day${inMonths}`
  if (anyDay && anyWeekday) return everyDay
  if (!daysNeedBoth(cron)) {
    return anyDay || anyWeekday ? everyDay : `${byMonth} and also on ${byWeek}${inMonths}`
  }
  if (anyWeekday) return byMonth
  return anyDay ? `on ${byWeek}${inMonths}` : `${byMonth} when it is ${byWeek.replace(' and ', ' or ')}`
}
