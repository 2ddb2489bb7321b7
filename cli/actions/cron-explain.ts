import { explain, nextTimes } from '../../domain/cron/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { zoneTime } from '../../domain/schedules/zone-time.ts'
import type { ExplainOptions } from '../commands/schedules.ts'
import { printFacts, printJson } from '../output.ts'

const COUNT = 5

/** Words, next times and notes of an expression; a wrong one is an error that names its field. */
export function explainCron(expression: string, { timezone, dialect, json }: ExplainOptions): void {
  const { describe, fields, problems, differs } = explain(expression, { timezone, dialect })
  if (problems.length > 0) {
    throw new MusterError('bad_request', `cron expression '${expression}': ${problems.join(' And ')}`, {
      details: { problems },
    })
  }
  const next = nextTimes(expression, { timezone, dialect, from: Date.now(), count: COUNT })
  if (json)
    return printJson({ ok: true, expression, dialect, timezone, words: describe, fields, next, differs })
  printFacts({
    expression: `${expression} (${dialect})`,
    means: describe,
    ...Object.fromEntries(fields.map(({ title, words }) => [title, words])),
  })
  console.log(`\nnext times in ${timezone}, and in UTC`)
  for (const time of next)
    console.log(`  ${zoneTime(time, timezone)}  ${time.toISOString().replace('.000Z', 'Z')}`)
  if (differs.length > 0) console.log('\nother crons')
  for (const difference of differs) console.log(`  ${difference}`)
}
