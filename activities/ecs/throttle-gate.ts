import { EcsError } from './ecs-error.ts'

const MINUTE_MS = 60_000

/**
 * A call that is throttled stays refused until the next minute (per action, region and account; ECS "API throttling").
 * Sending it again before then only lengthens the line, so the gate answers in the cloud's place.
 */
export interface ThrottleGate {
  /** @throws EcsError while the action is known to be throttled */
  pass(action: string): void
  /** Learns from an error of the cloud. */
  learn(error: EcsError): void
}

/** When a throttled call may be asked again: what the cloud says, else the next minute. */
export function throttledUntil(now: number, retryAfterMs: number | undefined): number {
  return retryAfterMs === undefined ? (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS : now + retryAfterMs
}

export function createThrottleGate(clock: () => number): ThrottleGate {
  const closed = new Map<string, { since: number; until: number; code: string }>()
  return {
    pass(action) {
      const gate = closed.get(action)
      const now = clock()
      // Before its own beginning: the clock was set back, and nobody knows.
      if (!gate || now >= gate.until || now < gate.since) return
      throw new EcsError({
        action,
        code: gate.code,
        class: 'retry',
        message: 'not sent: the cloud throttles this call for now',
        retryAfterMs: gate.until - now,
        maybeDone: false,
      })
    },
    learn({ fault }) {
      // Limits on concurrent calls pass with the calls, not with the minute.
      if (!/^Throttling(\.User|\.Api)?$/.test(fault.code)) return
      const since = clock()
      closed.set(fault.action, { since, until: throttledUntil(since, fault.retryAfterMs), code: fault.code })
    },
  }
}
