import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { scratchFolder } from '../testing.ts'

interface Result {
  word: string
  ok: boolean
  passed: number
  failed: number
  skipped: string[]
  seconds: number
  output: string
}
interface ReportModule {
  checkLine: (result: Result) => string
  deepReport: (results: Result[], run: { began: Date; seconds: number; nodeVersion: string }) => string
}
const { checkLine, deepReport } = (await import(
  new URL('./report.mjs', import.meta.url).href
)) as ReportModule

const lint = { word: 'lint', ok: true, passed: 1, failed: 0, skipped: [], seconds: 2.04, output: 'all fine' }
const unit = {
  word: 'unit',
  ok: false,
  passed: 1200,
  failed: 1,
  skipped: ['a test'],
  seconds: 61,
  output: 'x is not y',
}

test('a passing check is one line, a failing one shows its output', () => {
  expect(checkLine(lint)).toBe('ok    lint            2.0 s')
  expect(checkLine(unit)).toBe('FAIL  unit           61.0 s  1200 passed, 1 failed, 1 skipped\nx is not y\n')
})

test('the report of a full run has its counts, is formatted as the repository wants, and names no place', () => {
  const run = { began: new Date('2026-03-01T10:20:30Z'), seconds: 63, nodeVersion: 'v24.21.0' }
  const text = deepReport([lint, unit], run)
  expect(text).toContain('2026-03-01 10:20 UTC')
  expect(text).toContain('1201 passed, 1 failed, 1 skipped in 63 s.')
  expect(text).toMatch(/\| unit +\| failed +\| 1200 +\| 1 +\| 1 +\| 61\.0 +\|/)
  expect(text).not.toMatch(/ \/\w/)
  const file = join(scratchFolder(), 'report.md')
  writeFileSync(file, text)
  const root = join(import.meta.dirname, '..', '..')
  const oxfmt = join(root, 'node_modules', '.bin', 'oxfmt')
  execFileSync(oxfmt, ['--check', '--config', join(root, '.oxfmtrc.json'), file])
})
