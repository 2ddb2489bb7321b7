import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
/** A part for each invariant, without line breaks: titles are longer than a line. */
const PARTS = readFileSync(join(root, 'INVARIANTS.md'), 'utf8')
  .replaceAll(/\s+/g, ' ')
  .split(/(?= \d+\. \*\*)/)
/** A file, and after it, until the next one, what is named of it. */
const FILE = /`([^`*]+\.test\.ts)`([^`]*)/g
const TITLE = /"([^"]+)"/g
const INCIDENTS = /\bincidents? (\d+)(?: and (\d+))?/g
const TEST = /\b(?:it|test|describe)\b[.\w]*\(/g
const BODY = '=> {'

const named = PARTS.flatMap((part) => [...part.matchAll(FILE)]).map(([, file = '', words = '']) => ({
  file,
  titles: [...words.matchAll(TITLE)].map(([, title = '']) => title.replace(/,? …$/, '')),
  incidents: [...words.matchAll(INCIDENTS)].flatMap((found) => found.slice(1).filter(Boolean)),
}))

it('the invariants are numbered in order', () => {
  const numbers = PARTS.slice(1).map((part) => Number.parseInt(part, 10))
  expect(numbers.length).toBeGreaterThan(40)
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

it.each(named)(
  'of $file the invariants name what is there: $titles $incidents',
  ({ file, titles, incidents }) => {
    expect(existsSync(join(root, file))).toBe(true)
    const source = readFileSync(join(root, file), 'utf8')
    expect(titles.filter((title) => !isTitled(source, title))).toEqual([])
    expect(incidents.filter((number) => !new RegExp(`\\bincident ${number}\\b`).test(source))).toEqual([])
  },
)

/** Whether the words stand between the beginning of a test and its body: titles are all that is quoted there. */
function isTitled(source: string, words: string): boolean {
  return [...source.matchAll(TEST)].some(({ index }) => {
    const at = source.indexOf(words, index)
    return at >= 0 && !source.slice(index, at).includes(BODY)
  })
}
