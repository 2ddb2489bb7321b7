import { availableParallelism, totalmem } from 'node:os'
import process from 'node:process'

/** @typedef {import('./run-check.mjs').Result} Result */

/**
 * The line of one check that has ended, with its output below when it failed.
 * @param {Result} result
 */
export function checkLine(result) {
  const { word, ok, passed, failed, skipped, seconds, output } = result
  const counted = passed + failed + skipped.length > 1
  const counts = counted ? `  ${passed} passed, ${failed} failed, ${skipped.length} skipped` : ''
  const line = `${ok ? 'ok  ' : 'FAIL'}  ${word.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s${counts}`
  return ok || output === '' ? line : `${line}\n${output.trimEnd()}\n`
}

/** @param {readonly Result[]} results */
export function sums(results) {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    skipped: results.flatMap(({ skipped }) => skipped),
  }
}

/**
 * The text of docs/test-deep.md: what the last full run said, fit to be committed (nothing of this machine but its size).
 * @param {readonly Result[]} results
 * @param {{ began: Date, seconds: number, nodeVersion: string }} run
 */
export function deepReport(results, { began, seconds, nodeVersion }) {
  const { passed, failed, skipped } = sums(results)
  const rows = results.map((result) => [
    result.word,
    result.ok ? 'passed' : 'failed',
    String(result.passed),
    String(result.failed),
    String(result.skipped.length),
    result.seconds.toFixed(1),
  ])
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  return `${[
    '# The last full test run',
    'Written by `npm run test:deep`: the checks of `npm test` with full counts and no time limit.',
    `${began.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${availableParallelism()} cores, ${memoryGiB} GiB memory, ` +
      `${process.platform} ${process.arch}, Node ${nodeVersion}.`,
    `${passed} passed, ${failed} failed, ${skipped.length} skipped in ${Math.round(seconds)} s.`,
    table([['check', 'result', 'passed', 'failed', 'skipped', 'seconds'], ...rows]),
  ].join('\n\n')}\n`
}

/**
 * Columns padded to one width, as the formatter wants Markdown tables.
 * @param {readonly (readonly string[])[]} rows head first
 */
function table([head = [], ...rows]) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  /** @param {readonly string[]} row */
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
