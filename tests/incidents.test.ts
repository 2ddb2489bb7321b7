import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const COUNT = 20
/** A row begins with its number; its last cell names tests as `file`: words of the title. */
const ROW = /^\|\s*(\d+)\s*\|.*\|([^|]+)\|$/
const NAMED = /`([^`]+\.test\.ts)`: ([^;]+)/g
const TEST = /\b(?:it|test|describe)(?=[.(])/g

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
    // A test that is switched off holds nothing.
    const statement = source.slice([...source.slice(0, at).matchAll(TEST)].at(-1)?.index ?? at, at)
    expect(statement, `${file}: "${title}" is not the title of a test`).not.toBe('')
    expect(statement).not.toMatch(/\.(?:skip|todo|fails)\b/)
  }
})
