import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import { fraction } from '../../domain/placement/hash.ts'
import type { EcsError } from './ecs-error.ts'
import { isThrottling } from './errors.ts'
import { untilNextPoint } from './grid.ts'
import { throttledUntil } from './throttle-gate.ts'

/** Throttled hosts come back spread over this long after the minute turns: no retry storm. */
const THROTTLE_SPREAD_MS = 20_000
/** What only a person can mend is not worth asking more often. */
const PERSON_DELAY_MS = 60_000

export interface FailureContext {
  now: number
  gridMs: number
  /** Names host and attempt: makes the spread even and the same each time. */
  seed: string
}

/**
 * What Temporal gets to see of a failed call: a new failure from the cleaned fault alone, without cause or stack of the
 * SDK's error. Always retryable; a caller that must give up says so itself.
 */
export function toFailure({ message, fault }: EcsError, context: FailureContext): ApplicationFailure {
  const { action, code, class: faultClass, httpStatus, requestId } = fault
  const expected = faultClass === 'state' || faultClass === 'capacity' || isThrottling(code)
  const nextRetryDelay = retryDelay(fault, context)
  const failure = ApplicationFailure.create({
    message,
    type: code,
    nonRetryable: false,
    details: [{ action, code, class: faultClass, httpStatus, requestId }],
    ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
    ...(expected ? { category: ApplicationFailureCategory.BENIGN } : {}),
  })
  return withoutStack(failure)
}

/** Not there yet: expected, and asked again at the next grid point. */
export function notYet(message: string, { now, gridMs, seed }: FailureContext): ApplicationFailure {
  return notYetFor(message, untilNextPoint(now, gridMs, seed))
}

/** Not there yet: expected, and asked again after `delayMs`. */
export function notYetFor(message: string, delayMs: number): ApplicationFailure {
  return withoutStack(
    ApplicationFailure.create({
      message,
      type: 'NotYet',
      nonRetryable: false,
      nextRetryDelay: delayMs,
      category: ApplicationFailureCategory.BENIGN,
    }),
  )
}

function retryDelay(fault: EcsError['fault'], { now, gridMs, seed }: FailureContext): number | undefined {
  if (isThrottling(fault.code)) {
    const spread = fraction(`${seed} throttled`) * THROTTLE_SPREAD_MS
    return Math.ceil(throttledUntil(now, fault.retryAfterMs) - now + spread)
  }
  if (fault.class === 'state') return untilNextPoint(now, gridMs, seed)
  if (fault.class === 'account' || fault.class === 'request') return PERSON_DELAY_MS
  return undefined
}

/** The stack is of our own shell and says nothing; thousands of tries would each carry it. */
function withoutStack(failure: ApplicationFailure): ApplicationFailure {
  failure.stack = `${failure.name}: ${failure.message}`
  return failure
}
