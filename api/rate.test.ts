import { expect, test } from 'vitest'
import { createRateLimit } from './rate.ts'

test('a bucket gives its burst, then tells how long to wait, then fills again', () => {
  const take = createRateLimit({ perSecond: 2, burst: 3 })
  expect([take('a', 0), take('a', 0), take('a', 0)]).toEqual([0, 0, 0])
  expect(take('a', 0)).toBe(500)
  expect(take('a', 400)).toBe(100)
  expect(take('a', 500)).toBe(0)
  expect(take('a', 500)).toBe(500)
  expect([take('a', 60_000), take('a', 60_000), take('a', 60_000), take('a', 60_000)]).toEqual([0, 0, 0, 500])
})

test('buckets are apart, and a clock that goes back fills nothing', () => {
  const take = createRateLimit({ perSecond: 1, burst: 1 })
  expect([take('a', 5_000), take('b', 5_000)]).toEqual([0, 0])
  expect(take('a', 1_000)).toBe(1_000)
})
