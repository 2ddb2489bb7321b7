import { translateCron, type CronScheduleSpec } from '../cron/index.ts'
import { fraction } from '../placement/hash.ts'
import type { ActionInput } from './types.ts'

export interface CompiledSchedule {
  spec: CronScheduleSpec
  /** "every day at 20:00:00 Asia/Shanghai" */
  words: string
  /** Differs when the spec differs. */
  digest: string
}

/**
 * The expression as the server takes it.
 * @throws MusterError `bad_request` that names the field, for an expression that is wrong or that Temporal would fire at
 *   other times
 */
export function compileSchedule(
  input: Pick<ActionInput, 'expression' | 'timezone' | 'dialect' | 'anchor'>,
): CompiledSchedule {
  const { expression, timezone, dialect, anchor } = input
  const { spec, describe } = translateCron(expression, { timezone, dialect, anchor })
  return { spec, words: describe, digest: digestOf(JSON.stringify(spec)) }
}

/** Two draws of 32 bits: not for secrets, only to see that something has changed. */
const digestOf = (text: string): string =>
  [text, `${text}#`].map((part) => (fraction(part) * 2 ** 32).toString(16).padStart(8, '0')).join('')
