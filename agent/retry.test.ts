import { describe, expect, test } from 'vitest'
import { ceilingMs, fullJitterMs, POST_BACK_OFF, retryAfterMs } from './retry.ts'

describe('full jitter', () => {
  test.each([
    [1, 0, 0],
    [1, 0.999, 500],
    [2, 0.5, 500],
    [7, 1, 30_000],
    [5_000, 1, 30_000],
  ])('after %i tries and with chance %f waits %i ms', (tries, chance, expected) => {
    expect(fullJitterMs(tries, POST_BACK_OFF, chance)).toBe(expected)
  })

  test('the ceiling doubles and stays under the cap', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((tries) => ceilingMs(tries, POST_BACK_OFF))
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })
})

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z')
  test.each([
    ['3', 3_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Thu, 01 Jan 2025 00:00:10 GMT', 0],
    ['86400', 60_000],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s means %s ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected)
  })
})
