import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '../../domain/testing/property-runs.ts'
import { like, matches } from './match.ts'

test('a star stands for any run of characters', () => {
  expect(like('web-*', 'web-12')).toBe(true)
  expect(like('*', '')).toBe(true)
  expect(like('a*b*c', 'axxbyyc')).toBe(true)
  expect(like('a*a', 'a')).toBe(false)
  expect(like('a*b', 'axbx')).toBe(false)
  expect(like('a.c', 'abc')).toBe(false)
  expect(like('x', undefined)).toBe(false)
})

test('wildcards agree with the regular expression they mean', () => {
  const text = fc.stringMatching(/^[ab]{0,8}$/)
  const pattern = fc.stringMatching(/^[ab*]{0,6}$/)
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      expect(like(wanted, given)).toBe(new RegExp(`^${wanted.replaceAll('*', '.*')}$`).test(given))
    }),
    propertyRuns(7, 2000),
  )
})

test('every condition given must hold', () => {
  const subject = { zoneId: 'z', instanceType: 't', tags: { 'muster:host': 'demo/00001', app: 'web' } }
  expect(matches({}, subject)).toBe(true)
  expect(matches({ zoneId: 'z', host: 'demo/*', tags: { app: 'web' } }, subject)).toBe(true)
  expect(matches({ zoneId: 'z', tags: { app: 'other' } }, subject)).toBe(false)
  expect(matches({ instanceId: 'i' }, subject)).toBe(false)
  expect(matches({ spotStrategy: 'Spot*' }, { ...subject, spot: { strategy: 'SpotAsPriceGo' } })).toBe(true)
  expect(matches({ spotStrategy: 'Spot*' }, { ...subject, spot: { strategy: 'NoSpot' } })).toBe(false)
  expect(matches({ host: 'demo/1' }, { tags: {} })).toBe(false)
})
