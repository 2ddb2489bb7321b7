import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startChild } from '../setup/child.mjs'
import { root } from '../setup/paths.mjs'
import { countTests } from './count-tests.mjs'

/**
 * @typedef {object} Result
 * @property {string} word
 * @property {boolean} ok
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} skipped names of the tests that did not run
 * @property {number} seconds
 * @property {string} output empty when it was shown while the check ran
 */

/**
 * @typedef {object} CheckRun how to run a check
 * @property {NodeJS.ProcessEnv} env
 * @property {readonly string[]} vitestArgs
 * @property {boolean} live shows the output while the check runs instead of keeping it for a failure
 * @property {number} limitMs a check that takes longer hangs: it is ended and has failed
 * @property {Set<import('../setup/child.mjs').Child>} running where it is found for a Ctrl-C
 */

/**
 * Runs one check to its end.
 * @param {import('./checks.mjs').Check} check
 * @param {CheckRun} how
 * @returns {Promise<Result>}
 */
export async function runCheck(check, how) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-check-'))
  try {
    const began = performance.now()
    const reportFile = join(folder, 'report.json')
    const outputFile = join(folder, 'output')
    const { code, late } = await runCommand(commandOf(check, reportFile, how), outputFile, how)
    const seconds = (performance.now() - began) / 1000
    const kept = how.live ? '' : readFileSync(outputFile, 'utf8')
    const output = late ? `${kept}\nended: it took longer than ${how.limitMs / 1000} s` : kept
    return { word: check.word, seconds, output, ...verdict(check, code, reportFile) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * A check counts as one test; one that runs tests counts as those, and as one more failed when it failed otherwise
 * (a file that does not load, an error outside any test, nothing to run).
 * @param {import('./checks.mjs').Check} check
 * @param {number} code
 * @param {string} reportFile
 */
function verdict(check, code, reportFile) {
  const ok = code === 0
  if (check.project === undefined) return { ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] }
  const counts = countTests(reportFile)
  const nothingRan = counts.passed + counts.failed === 0
  const otherwise = counts.failed === 0 && (!ok || nothingRan)
  return { ...counts, ok: ok && !nothingRan, failed: counts.failed + (otherwise ? 1 : 0) }
}

/**
 * @param {import('./checks.mjs').Check} check
 * @param {string} reportFile
 * @param {CheckRun} how
 * @returns {[string, string[]]}
 */
function commandOf(check, reportFile, how) {
  if (check.project === undefined) {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    return ['/bin/sh', ['-c', scripts[check.script ?? '']]]
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const vitest = join(root, 'node_modules', '.bin', 'vitest')
  return [vitest, ['run', '--project', check.project, ...reporters, ...how.vitestArgs]]
}

/**
 * @param {[string, string[]]} command
 * @param {string} outputFile
 * @param {CheckRun} how
 */
async function runCommand([program, args], outputFile, { env, live, limitMs, running }) {
  const output = openSync(outputFile, 'w')
  /** @type {import('node:child_process').StdioOptions} */
  const stdio = live ? 'inherit' : ['ignore', output, output]
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }
  const child = startChild(program, args, { cwd: root, env: { ...env, ...colour }, stdio })
  closeSync(output)
  running.add(child)
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.signal('SIGKILL')
  }, limitMs)
  const code = await child.ended
  clearTimeout(timer)
  running.delete(child)
  return { code, late }
}
