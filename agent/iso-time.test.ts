import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime } from './iso-time.ts'

test('is what toISOString says, at any instant of these centuries', () => {
  const instants = fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) })
  fc.assert(fc.property(instants, (ms) => isoTime(ms) === new Date(ms).toISOString()))
  expect(isoTime(Date.UTC(2028, 1, 29, 0, 0, 0, 7))).toBe('2028-02-29T00:00:00.007Z')
})
