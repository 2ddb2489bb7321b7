import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { scratchFolder } from '../testing.ts'

interface Counts {
  passed: number
  failed: number
  skipped: string[]
}
interface CountModule {
  countTests: (reportFile: string) => Counts
}
const { countTests } = (await import(new URL('./count-tests.mjs', import.meta.url).href)) as CountModule

test('tests are counted by status, and those that did not run are named', () => {
  const report = join(scratchFolder(), 'report.json')
  const statuses = ['passed', 'passed', 'failed', 'skipped', 'todo', 'pending']
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `test ${index}` }))
  const name = join(import.meta.dirname, 'some.test.ts')
  const empty = { name: 'did-not-load.test.ts', assertionResults: [] }
  writeFileSync(report, JSON.stringify({ testResults: [{ name, assertionResults }, empty] }))
  expect(countTests(report)).toEqual({
    passed: 2,
    failed: 1,
    skipped: [
      'scripts/test/some.test.ts: test 3',
      'scripts/test/some.test.ts: test 4',
      'scripts/test/some.test.ts: test 5',
    ],
  })
})

test('a run that ended before it wrote a report counts nothing', () => {
  expect(countTests(join(scratchFolder(), 'none.json'))).toEqual({ passed: 0, failed: 0, skipped: [] })
})
