import { expect, test } from 'vitest'
import { instant, lengthText, orDash, queryText, sizeText } from './format.ts'
import type { Html } from './format.ts'

const rendered = async (html: Html): Promise<string> => (await html).valueOf()

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [3_600_000, '1 h'],
  [18_720_000, '5 h 12 min'],
  [2 * 86_400_000, '2 d'],
  [3 * 86_400_000 + 4 * 3_600_000, '3 d 4 h'],
])('%i ms is %s', (ms, text) => {
  expect(lengthText(ms)).toBe(text)
})

test('an instant is told from now, with itself as the title', async () => {
  const now = Date.parse('2026-11-23T19:00:00.000Z')
  expect(await rendered(instant('2026-11-23T18:57:00.000Z', now))).toBe(
    '<time datetime="2026-11-23T18:57:00.000Z" title="2026-11-23 18:57:00 UTC">3 min ago</time>',
  )
  expect(await rendered(instant('2026-11-23T19:03:00.000Z', now))).toContain('in 3 min')
  expect(await rendered(instant(undefined, now))).toContain('–')
})

test('texts from outside are escaped', async () => {
  expect(await rendered(orDash('<b>"&'))).toBe('&lt;b&gt;&quot;&amp;')
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [8 * 1024 ** 3, '8.0 GiB'],
  [1e18, '909494.7 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})

test('a query leaves empty values out and escapes the rest', () => {
  expect(queryText({ phase: '', search: 'a&b', after: undefined })).toBe('?search=a%26b')
  expect(queryText({})).toBe('')
})
