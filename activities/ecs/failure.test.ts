import { describe, expect, test } from 'vitest'
import { EcsError } from './ecs-error.ts'
import type { EcsFault } from './ecs-error.ts'
import { notYet, toFailure } from './failure.ts'
import { untilNextPoint } from './grid.ts'

/** 12.345 s into a minute. */
const NOW = 1_800_000_000_000 + 12_345
const context = { now: NOW, gridMs: 5_000, seed: 'render/00001/g/1' }
const fault = (change: Partial<EcsFault>): EcsError =>
  new EcsError({
    action: 'DescribeInstances',
    code: 'InternalError',
    class: 'retry',
    httpStatus: 500,
    requestId: 'ABC',
    message: 'internal',
    maybeDone: true,
    ...change,
  })

describe('a failed call as Temporal sees it', () => {
  test('names call, code, status and request, and has no cause', () => {
    const failure = toFailure(fault({}), context)
    expect(failure.message).toBe('DescribeInstances: internal (HTTP 500, InternalError, request ABC)')
    expect(failure).toMatchObject({ type: 'InternalError', nonRetryable: false, cause: undefined })
    expect(failure.category).not.toBe('BENIGN')
    expect(failure.nextRetryDelay).toBeUndefined()
  })

  test('waits for the next minute when throttled, spread by host, and is expected', () => {
    const untilMinute = 60_000 - 12_345
    const delays = Array.from({ length: 200 }, (_, index) => {
      const failure = toFailure(fault({ code: 'Throttling.User', httpStatus: 400 }), {
        ...context,
        seed: `h/${index}`,
      })
      expect(failure.category).toBe('BENIGN')
      return Number(failure.nextRetryDelay)
    })
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(untilMinute)
      expect(delay).toBeLessThanOrEqual(untilMinute + 20_000)
    }
    const busiestSecond = Math.max(...countBy(delays, (delay) => Math.floor(delay / 1_000)).values())
    expect(busiestSecond).toBeLessThan(30)
  })

  test('waits as long as the cloud wishes, and a little more', () => {
    const failure = toFailure(fault({ code: 'Throttling', retryAfterMs: 1_500 }), context)
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(1_500)
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(21_500)
  })

  test('is asked again at the grid when only a state stands in the way', () => {
    const failure = toFailure(
      fault({ code: 'IncorrectInstanceStatus.Initializing', class: 'state' }),
      context,
    )
    expect(failure).toMatchObject({
      category: 'BENIGN',
      nextRetryDelay: untilNextPoint(NOW, 5_000, context.seed),
    })
  })

  test('is asked rarely when a person must act first', () => {
    expect(toFailure(fault({ code: 'Forbidden.RAM', class: 'account' }), context).nextRetryDelay).toBe(60_000)
  })

  test('carries no lines of code as its stack', () => {
    expect(toFailure(fault({}), context).stack).not.toContain(' at ')
    expect(notYet('i-1 is Pending', context).stack).not.toContain(' at ')
  })
})

describe('the grid', () => {
  test('leads every try to shortly after the next point, the same for the same host', () => {
    for (let index = 0; index < 100; index++) {
      const at = NOW + untilNextPoint(NOW, 5_000, `h/${index}`)
      expect(at % 5_000).toBeLessThanOrEqual(250)
      expect(Math.floor(at / 5_000)).toBe(Math.floor(NOW / 5_000) + 1)
    }
    expect(untilNextPoint(NOW, 5_000, 'h/1')).toBe(untilNextPoint(NOW, 5_000, 'h/1'))
  })
})

function countBy<T>(items: T[], keyOf: (item: T) => number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1)
  return counts
}
