import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const COUNT = 20
/** A row begins with its number; its last cell names tests as `file`: words of the title. */
const ROW = /^\|\s*(\d+)\s*\|.*\|([^|]+)\|$/
const NAMED = /`([^`]+\.test\.ts)`: ([^;]+)/g
const TEST = /\b(?:it|test|describe)(?=[.(])/g
/** Also where it is by condition: on another machine it would hold nothing. */
const SWITCHED_OFF = /\.(?:skip|skipIf|runIf|todo|fails)\b/

interface Held {
  number: number
  tests: { file: string; title: string }[]
}

const rows: Held[] = readFileSync(join(root, 'docs/incidents.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, cell = ''] = ROW.exec(line) ?? []
    if (number === undefined) return []
    const tests = [...cell.matchAll(NAMED)].map(([, file = '', title = '']) => ({
      file,
      title: title.trim(),
    }))
    return [{ number: Number(number), tests }]
  })

it('the table of incidents has all twenty, in order, each with a test', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1))
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([])
})

it.each(rows)('incident $number is held by tests of that number and title', ({ number, tests }) => {
  for (const { file, title } of tests) {
    expect(title, `${file}`).toMatch(new RegExp(String.raw`\bincident ${number}\b`))
    const source = readFileSync(join(root, file), 'utf8')
    const at = source.indexOf(title)
    expect(at, `${file} has no test titled "${title}"`).toBeGreaterThanOrEqual(0)
    const heads = headsOf(source, at)
    expect(heads.at(-1), `${file}: "${title}" is not the title of a test`).toBeDefined()
    // A test that is switched off holds nothing.
    expect(heads.filter((head) => SWITCHED_OFF.test(head))).toEqual([])
  }
})

/**
 * How the test begins whose title stands there, after every `describe` around it. Files are formatted: what is around
 * stands further left.
 */
function headsOf(source: string, at: number): string[] {
  const starts = [...source.slice(0, at).matchAll(TEST)].map(({ index }) => index)
  const own = starts.at(-1)
  if (own === undefined) return []
  const heads = [source.slice(own, at)]
  let left = columnOf(source, own)
  for (const start of starts.slice(0, -1).toReversed()) {
    const column = columnOf(source, start)
    if (column >= left || !source.startsWith('describe', start)) continue
    heads.unshift(source.slice(start, source.indexOf('\n', start)))
    left = column
  }
  return heads
}

const columnOf = (source: string, index: number): number => index - source.lastIndexOf('\n', index) - 1

it.each([
  ["it.skip('x', () => {})"],
  ["it.skipIf(isSmall)('x', () => {})"],
  ["it.runIf(isDeep)('x', () => {})"],
  ["it.runIf(isDeep)(\n  'x',\n  { timeout: 1 },\n  () => {},\n)"],
  ["describe.skip('a', () => {\n  it('y', () => {})\n  it('x', () => {})\n})"],
  ["describe.runIf(isDeep)('a', () => {\n  describe('b', () => {\n    it('x', () => {})\n  })\n})"],
])('a test that is switched off is seen: %s', (source) => {
  const ofOther = "describe.skip('c', () => {\n  it('z', () => {})\n})\n"
  const isOff = (text: string) => headsOf(text, text.indexOf("'x'")).some((head) => SWITCHED_OFF.test(head))
  expect(isOff(source)).toBe(true)
  expect(isOff(ofOther + source)).toBe(true)
  expect(isOff(ofOther + source.replaceAll(/\.(?:skip|skipIf|runIf)\b(?:\(is\w+\))?/g, ''))).toBe(false)
})
