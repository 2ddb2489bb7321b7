import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup/paths.mjs'

/**
 * @typedef {object} Check
 * @property {string} word by which it is asked for
 * @property {string} [script] the npm script that does it, run without npm
 * @property {string} [project] instead of that: the vitest project
 */

/**
 * In the order of their results. Scripts run two at a time; vitest projects one after the other, since they use both
 * cores themselves and measure time.
 * @type {readonly Check[]}
 */
export const checks = [
  { word: 'format', script: 'format:check' },
  { word: 'lint', script: 'lint' },
  { word: 'types', script: 'types' },
  { word: 'rooms', script: 'rooms' },
  { word: 'deadcode', script: 'deadcode' },
  { word: 'unit', project: 'unit' },
  { word: 'integration', project: 'integration' },
]

/** Only in test:deep, and only once there is something in its folder. */
const deepCheck = { word: 'deep', project: 'deep', folder: join(root, 'tests', 'deep') }

/**
 * Reads `npm test -- WORD… [PATH or vitest option]…`: which checks to run, and what to hand to vitest.
 * @param {readonly string[]} args
 * @param {boolean} deep
 * @returns {{ chosen: readonly Check[], vitestArgs: readonly string[] } | { problem: string }}
 */
export function chooseChecks(args, deep) {
  const all = deep && existsSync(deepCheck.folder) ? [...checks, deepCheck] : checks
  const end = args.findIndex((arg) => !all.some(({ word }) => word === arg))
  const asked = end === -1 ? args : args.slice(0, end)
  const vitestArgs = end === -1 ? [] : args.slice(end)
  const chosen = asked.length === 0 ? all : all.filter(({ word }) => asked.includes(word))
  const forVitest = asked.length > 0 && chosen.some(({ project }) => project !== undefined)
  if (vitestArgs.length > 0 && !forVitest) {
    const list = all.map(({ word }) => word).join(' ')
    return {
      problem: `there is no check called \`${vitestArgs[0]}\`. The checks are: ${list}. Paths and options come after unit or integration.`,
    }
  }
  return { chosen, vitestArgs }
}
