import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../testing/property-runs.ts'
import { parseDiskSize } from './disk-size.ts'
import { durationText, parseDuration } from './duration.ts'

test.each([
  ['20m', 1_200_000],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['1d2h3m4s', 93_784_000],
  ['0s', 0],
  ['PT20M', 1_200_000],
  ['PT1H30M', 5_400_000],
  ['P1DT2H', 93_600_000],
  ['P2D', 172_800_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  '',
  '20',
  'm',
  '20 m',
  '1.5h',
  '-5m',
  '5m1h',
  '1h1h',
  '20M',
  'P',
  'PT',
  'P1H',
  'PT1D',
  'P1W',
  'pt5m',
  '5m ',
  '5ms',
])('"%s" is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('whole seconds written as text are read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
      expect(parseDuration(durationText(seconds * 1_000))).toBe(seconds * 1_000)
    }),
    propertyRuns(1),
  )
})

test.each([
  ['40GiB', 40],
  ['40 GiB', 40],
  ['2TiB', 2_048],
  ['40', undefined],
  ['40GB', undefined],
  ['-1GiB', undefined],
])('disk size %s is %s GiB', (text, sizeGiB) => {
  expect(parseDiskSize(text)).toBe(sizeGiB)
})
