import { expect, test } from 'vitest'
import { expandPlacements } from './expand-placements.ts'
import type { PlacementFields } from './host-schema.ts'

const field = (type: string, rest: Partial<PlacementFields> = {}): PlacementFields => ({
  zone: 'cn-hangzhou-h',
  vSwitch: 'vsw-1',
  type,
  ...rest,
})
const words = (fields: PlacementFields[]) =>
  expandPlacements(fields).map(({ instanceType, spot, fallback }) =>
    [instanceType, spot && 'spot', fallback && 'fallback'].filter(Boolean).join(' '),
  )

test('on-demand twins stand behind the last spot placement with a fallback, in their order', () => {
  const spot = { spot: { fallback: true } }
  expect(words([field('a', spot), field('b'), field('c', spot), field('d')])).toEqual([
    'a spot',
    'b',
    'c spot',
    'a fallback',
    'c fallback',
    'd',
  ])
})

test('a twin that the file names itself is that placement, and none is made twice', () => {
  const spot = { spot: { fallback: true } }
  expect(words([field('a', spot), field('a')])).toEqual(['a spot', 'a'])
  expect(words([field('a', spot), field('a', { spot: { fallback: true, priceLimit: 1 } })])).toEqual([
    'a spot',
    'a spot',
    'a fallback',
  ])
})

test('without a fallback there are no twins; price and weight stay', () => {
  expect(words([field('a', { spot: true }), field('b', { spot: false })])).toEqual(['a spot', 'b'])
  const spot = { fallback: true, priceLimit: 0.5 }
  expect(expandPlacements([field('a', { spot, weight: 3 })])).toEqual([
    { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-1', instanceType: 'a', spot: { priceLimit: 0.5 }, weight: 3 },
    { zone: 'cn-hangzhou-h', vSwitchId: 'vsw-1', instanceType: 'a', weight: 3, fallback: true },
  ])
})
