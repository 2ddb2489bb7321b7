import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from '../setup/paths.mjs'

/**
 * Counts the tests of vitest's JSON report one by one: its own totals leave out what stands in a file that failed
 * to load.
 * @param {string} reportFile not there when vitest ended before it ran anything
 * @returns {{ passed: number, failed: number, skipped: readonly string[] }}
 */
export function countTests(reportFile) {
  if (!existsSync(reportFile)) return { passed: 0, failed: 0, skipped: [] }
  const { testResults } = JSON.parse(readFileSync(reportFile, 'utf8'))
  let passed = 0
  let failed = 0
  /** @type {string[]} */
  const skipped = []
  for (const { name, assertionResults } of testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed') passed += 1
      else if (status === 'failed') failed += 1
      else skipped.push(`${relative(root, name)}: ${fullName}`)
    }
  }
  return { passed, failed, skipped }
}
