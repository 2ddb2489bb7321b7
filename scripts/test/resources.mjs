import { ensureAgent } from '../setup/agent.mjs'
import { startPostgres } from '../setup/postgres.mjs'
import { findChromium, findSchemathesis } from '../setup/system.mjs'
import { findTemporalCli, findTestServer } from '../setup/temporal.mjs'

/**
 * @typedef {object} Resources
 * @property {NodeJS.ProcessEnv} env where the tests find them
 * @property {readonly string[]} missing what could not be had, and why
 * @property {() => Promise<void>} stop
 */

/**
 * Gets what the tests need beyond npm packages. What cannot be had is named, and its variable stays unset: the tests
 * that need it are skipped on a developer's machine, and the run fails in CI.
 * @param {string} node24
 * @param {NodeJS.ProcessEnv} given
 * @returns {Promise<Resources>}
 */
export async function prepareResources(node24, given) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {}
  /** @type {string[]} */
  const missing = []
  /** @type {(() => Promise<void>)[]} */
  const stops = []
  /**
   * @param {string} variable
   * @param {() => Promise<string>} find
   */
  const provide = async (variable, find) => {
    try {
      env[variable] = await find()
    } catch (error) {
      missing.push(`${variable}: ${/** @type {Error} */ (error).message}`)
    }
  }
  await Promise.all([
    provide('MUSTER_TEMPORAL_CLI', findTemporalCli),
    provide('MUSTER_TEMPORAL_TEST_SERVER', findTestServer),
    provide('MUSTER_CHROMIUM', findChromium),
    provide('MUSTER_SCHEMATHESIS', findSchemathesis),
    provide('MUSTER_TEST_POSTGRES_URL', async () => {
      const set = given['MUSTER_TEST_POSTGRES_URL']
      if (set !== undefined && set !== '') return set
      const cluster = await startPostgres()
      stops.push(() => cluster.stop())
      return cluster.url
    }),
    ensureAgent(node24).catch((error) => void missing.push(`dist/agent.cjs: ${error.message}`)),
  ])
  return { env, missing, stop: async () => void (await Promise.all(stops.map((stop) => stop()))) }
}
