import { expect, test } from 'vitest'
import { specDiff } from './spec-diff.ts'

test('names each changed, new and missing field by its path', () => {
  const from = { image: 'm-1', places: [{ zone: 'g', type: 'a' }], tags: { team: 'x' }, off: true }
  const to = {
    image: 'm-2',
    places: [{ zone: 'g', type: 'b' }, { zone: 'h' }],
    tags: { team: 'x', cost: '1' },
  }
  expect(specDiff(from, to)).toEqual([
    { field: 'image', from: 'm-1', to: 'm-2' },
    { field: 'off', from: true, to: undefined },
    { field: 'places[0].type', from: 'a', to: 'b' },
    { field: 'places[1]', from: undefined, to: { zone: 'h' } },
    { field: 'tags.cost', from: undefined, to: '1' },
  ])
})

test('equal values have no difference, whatever the order of their fields', () => {
  expect(specDiff({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 })).toEqual([])
})
