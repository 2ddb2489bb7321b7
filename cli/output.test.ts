import { expect, test } from 'vitest'
import { table } from './output.ts'

const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => [
    `render/${at}`,
    at % 7 === 0 ? 'silent' : 'ready',
    '上海 and more',
  ])

test('a long table is laid out as a short one is, every column as wide as its widest cell', () => {
  const short = table(['host', 'phase', 'note'], [...rows(3), ['a much longer name of a host', '', 'x']])
  expect(short.split('\n')).toEqual([
    'host                          phase   note',
    'render/0                      silent  上海 and more',
    'render/1                      ready   上海 and more',
    'render/2                      ready   上海 and more',
    'a much longer name of a host          x',
  ])
  const long = table(['host', 'phase', 'note'], [...rows(449), ['a much longer name of a host', '', 'x']])
  const lines = long.split('\n')
  expect(lines).toHaveLength(451)
  expect([...lines.slice(0, 4), lines[450]]).toEqual(short.split('\n'))
  expect(lines[201]).toBe('render/200                    ready   上海 and more')
})
