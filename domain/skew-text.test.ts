import { expect, test } from 'vitest'
import { skewText } from './skew-text.ts'

test.each([
  [0, 'within 5 s of the API’s'],
  [-5_000, 'within 5 s of the API’s'],
  [5_001, '0:05 ahead of the API’s'],
  [-40_000, '0:40 behind the API’s'],
  [3 * 3_600_000, '3:00:00 ahead of the API’s'],
])('a skew of %i ms is %s', (skewMs, text) => {
  expect(skewText(skewMs)).toBe(text)
})
