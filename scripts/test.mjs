import { mkdirSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { onSignals } from './setup/child.mjs'
import { inCi } from './setup/debian.mjs'
import { exec } from './setup/exec.mjs'
import { root } from './setup/paths.mjs'
import { say } from './setup/say.mjs'
import { chooseChecks } from './test/checks.mjs'
import { checkLine, deepReport, sums } from './test/report.mjs'
import { prepareResources } from './test/resources.mjs'
import { runCheck } from './test/run-check.mjs'

/** @typedef {import('./test/run-check.mjs').Result} Result */

/** Far beyond what a check takes, on slow machines too: it only ends what hangs. The whole run is to have ten minutes on two cores. */
const limitMs = { script: 300_000, project: 2_700_000, deep: 14_400_000 }

/**
 * Runs the checks asked for, all of them even when one fails, and says at the end `N passed, N failed, N skipped`.
 * @param {readonly string[]} args check words, then paths and options for vitest
 * @param {{ deep: boolean, node24: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} exit code: 1 on any failure, on no test at all, and in CI on skipped tests
 */
export async function runTests(args, { deep, node24, env }) {
  const choice = chooseChecks(args, deep)
  if ('problem' in choice) {
    process.stderr.write(`muster: ${choice.problem}\n`)
    return 2
  }
  const began = new Date()
  const session = startSession()
  const results = await runAll(choice, { deep, node24, env, session })
  session.release()
  if (session.endedBy !== '') return 128 + constants.signals[/** @type {NodeJS.Signals} */ (session.endedBy)]
  const seconds = (Date.now() - began.getTime()) / 1000
  if (deep && args.length === 0) {
    const nodeVersion = (await exec(node24, ['--version'])).stdout.trim()
    mkdirSync(join(root, 'docs'), { recursive: true })
    writeFileSync(join(root, 'docs', 'test-deep.md'), deepReport(results, { began, seconds, nodeVersion }))
  }
  return conclude(results, seconds)
}

/**
 * @typedef {object} Session the checks that run now, and whether a person has ended them
 * @property {Set<import('./setup/child.mjs').Child>} running
 * @property {string} endedBy the signal; empty while nobody has
 * @property {() => void} release
 * @returns {Session}
 */
function startSession() {
  /** @type {Session} */
  const session = { running: new Set(), endedBy: '', release: () => undefined }
  session.release = onSignals((name, count) => {
    session.endedBy = name
    for (const child of session.running) child.signal(count > 1 ? 'SIGKILL' : name)
    // Set-up that cannot be interrupted (apt-get) is left behind at the third time.
    if (count > 2) process.exit(128 + constants.signals[name])
  })
  return session
}

/**
 * @param {{ chosen: readonly import('./test/checks.mjs').Check[], vitestArgs: readonly string[] }} choice
 * @param {{ deep: boolean, node24: string, env: NodeJS.ProcessEnv, session: Session }} options
 * @returns {Promise<Result[]>} in the order of the checks
 */
async function runAll({ chosen, vitestArgs }, { deep, node24, env, session }) {
  const scripts = chosen.filter(({ project }) => project === undefined)
  const projects = chosen.filter(({ project }) => project !== undefined)
  // Fetching waits for the network most of the time: the first checks run meanwhile.
  const preparing = projects.length === 0 ? undefined : prepareResources(node24, env)
  const how = {
    env,
    vitestArgs,
    live: chosen.length === 1,
    limitMs: limitMs.script,
    running: session.running,
  }
  const results = await inPairs(scripts, session, (check) => runCheck(check, how))
  if (preparing === undefined) return results
  const resources = await preparing
  try {
    results.push(...setUpResult(resources.missing))
    const testEnv = { ...env, ...resources.env, ...(deep ? { MUSTER_DEEP: '1' } : {}) }
    const limit = deep ? limitMs.deep : limitMs.project
    for (const check of projects) {
      if (session.endedBy !== '') break
      results.push(show(await runCheck(check, { ...how, env: testEnv, limitMs: limit })))
    }
  } finally {
    await resources.stop()
  }
  return results
}

/**
 * Two at a time: most of these tools keep one core busy.
 * @param {readonly import('./test/checks.mjs').Check[]} scripts
 * @param {Session} session
 * @param {(check: import('./test/checks.mjs').Check) => Promise<Result>} run
 */
async function inPairs(scripts, session, run) {
  /** @type {Result[]} */
  const results = []
  const waiting = scripts.entries()
  const lane = async () => {
    for (const [index, check] of waiting) {
      if (session.endedBy !== '') return
      results[index] = show(await run(check))
    }
  }
  await Promise.all([lane(), lane()])
  return results.filter((result) => result !== undefined)
}

/** @param {Result} result */
function show(result) {
  process.stdout.write(`${checkLine(result)}\n`)
  return result
}

/**
 * In CI what is missing is a failure of its own: the tests that need it would only be skipped.
 * @param {readonly string[]} missing
 * @returns {Result[]}
 */
function setUpResult(missing) {
  if (missing.length === 0) return []
  for (const what of missing) say(`missing ${what}`)
  if (!inCi()) return []
  return [
    show({
      word: 'set-up',
      ok: false,
      passed: 0,
      failed: 1,
      skipped: [],
      seconds: 0,
      output: missing.join('\n'),
    }),
  ]
}

/**
 * @param {readonly Result[]} results
 * @param {number} seconds
 */
function conclude(results, seconds) {
  const { passed, failed, skipped } = sums(results)
  for (const name of skipped) process.stdout.write(`skipped  ${name}\n`)
  process.stdout.write(`${Math.round(seconds)} s in all\n`)
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`)
  const skippedInCi = inCi() && skipped.length > 0
  if (skippedInCi) say('tests were skipped, which counts as a failure in CI')
  return failed > 0 || passed === 0 || skippedInCi || results.some(({ ok }) => !ok) ? 1 : 0
}
