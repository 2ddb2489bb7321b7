import { Cron } from 'croner'
import { CronExpressionParser } from 'cron-parser'
import { nextTimes, translateCron } from '../../domain/cron/index.ts'
import type { CronQuestion } from './cron-questions.ts'

/** Not the begin of anything; a year with every change of clocks still ahead. */
const FROM = new Date('2026-01-15T07:13:21Z')

/** A cron library: what of it is measured. */
export interface CronSide {
  name: string
  /** Reads an expression, and makes of it what can be scheduled. */
  translate(question: CronQuestion): unknown
  /** Reads an expression and returns its next times. */
  next(question: CronQuestion, count: number): Date[]
}

export const OURS: CronSide = {
  name: 'Muster',
  translate: ({ expression, timezone }) => translateCron(expression, { timezone }),
  next: ({ expression, timezone }, count) => nextTimes(expression, { timezone, from: FROM, count }),
}

const paused = ({ expression, timezone }: CronQuestion): Cron =>
  new Cron(expression, { timezone, paused: true })

const parsed = ({ expression, timezone }: CronQuestion) =>
  CronExpressionParser.parse(expression, { tz: timezone, currentDate: FROM })

/** The two most used packages for Node, as their own pages say to use them. */
export const RIVALS: readonly CronSide[] = [
  { name: 'croner', translate: paused, next: (question, count) => paused(question).nextRuns(count, FROM) },
  {
    name: 'cron-parser',
    translate: parsed,
    next: (question, count) =>
      parsed(question)
        .take(count)
        .map((date) => date.toDate()),
  },
]
