import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import { clockText } from '../../domain/durations.ts'
import type { ReportOutcome } from '../../domain/status/report.ts'
import type { StatuspageError } from './statuspage-error.ts'

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 60_000

/**
 * The page was away, or had too many requests: tried again, after what it says itself or ever later.
 * @param attempt 1, 2, 3 …
 * @param firstMs doubled with every attempt
 */
export function tryAgain(
  { fault, message, retryAfterMs }: StatuspageError,
  attempt: number,
  firstMs = FIRST_DELAY_MS,
) {
  const growing = Math.min(LONGEST_DELAY_MS, firstMs * 2 ** Math.min(attempt, 10))
  return ApplicationFailure.create({
    message,
    type: `statuspage_${fault}`,
    nonRetryable: false,
    nextRetryDelay: Math.min(LONGEST_DELAY_MS, retryAfterMs ?? growing),
  })
}

/** An incident that was asked for may still appear: looked for again when it must have. */
export const lookAgain = (forMs: number) =>
  ApplicationFailure.create({
    message: `an answer of Statuspage was lost: for ${clockText(forMs)} the incident may still appear, and is not asked for again`,
    type: 'statuspage_await',
    nonRetryable: false,
    nextRetryDelay: Math.max(FIRST_DELAY_MS, forMs),
    category: ApplicationFailureCategory.BENIGN,
  })

/** A person must act. What could be done is done, and is in the details. */
export const refusedFailure = (alarms: readonly string[], outcome?: ReportOutcome) =>
  ApplicationFailure.create({
    message: alarms.join('\n'),
    type: 'statuspage_refused',
    nonRetryable: true,
    ...(outcome && { details: [outcome] }),
  })
