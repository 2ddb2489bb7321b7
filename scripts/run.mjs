// Every npm script of Muster starts here. Runs under whatever Node there is (20 or later) before anything is
// installed: built-in modules only, also in what it imports.
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { ensureAgent } from './setup/agent.mjs'
import { runForeground } from './setup/child.mjs'
import { findNode24 } from './setup/node24.mjs'
import { ensurePackages } from './setup/npm.mjs'
import { root } from './setup/paths.mjs'
import { findTemporalCli } from './setup/temporal.mjs'

/**
 * @typedef {object} Word
 * @property {string} about
 * @property {string} entry the program below the root
 * @property {readonly string[]} [first] its first arguments
 * @property {readonly ('temporal' | 'agent')[]} [needs] beyond npm packages and Node 24
 */

/** @type {Record<string, Word>} */
const words = {
  start: {
    about: 'everything on this machine: Temporal, emulator, worker, API, dashboard',
    entry: 'cli/main.ts',
    first: ['dev'],
    needs: ['temporal', 'agent'],
  },
  demo: {
    about: 'a mute host is deleted and made again, in under a minute',
    entry: 'cli/main.ts',
    first: ['demo'],
    needs: ['temporal', 'agent'],
  },
  emulator: { about: 'the cloud on loopback', entry: 'cli/main.ts', first: ['emulator'], needs: ['agent'] },
  muster: { about: 'the muster command, with its own words', entry: 'cli/main.ts' },
  chaos: {
    about: 'faults and kills at random, and whether everything is whole afterwards',
    entry: 'scripts/chaos.ts',
    needs: ['temporal', 'agent'],
  },
  bench: { about: 'the benchmarks', entry: 'bench/main.ts', needs: ['temporal', 'agent'] },
  'build:agent': { about: 'dist/agent.cjs', entry: 'scripts/build-agent.ts' },
  'build:workflows': {
    about: "the workers' bundle of workflows, into dist/",
    entry: 'scripts/build-workflows.ts',
  },
}

const tests = {
  test: 'all checks and tests, or only the named ones',
  'test:deep': 'the same with full counts, report in docs/test-deep.md',
}

/** @param {readonly string[]} argv */
async function main([what = '', ...args]) {
  refuseUnsupported()
  const word = words[what]
  if (word === undefined && !(what in tests)) {
    process.stderr.write(`${usage(what)}\n`)
    return 2
  }
  await ensurePackages()
  const node24 = await findNode24()
  const env = environment(node24)
  if (word === undefined) {
    const { runTests } = await import('./test.mjs')
    return runTests(args, { deep: what === 'test:deep', node24, env })
  }
  await provide(needsOf(what, word, args), node24, env)
  return runForeground(node24, [join(root, word.entry), ...(word.first ?? []), ...args], { env })
}

/**
 * `muster dev` needs what `start` does, and so on; asking for help needs nothing.
 * @param {string} what
 * @param {Word} word
 * @param {readonly string[]} args
 * @returns {readonly string[]}
 */
function needsOf(what, word, args) {
  if (args.includes('--help') || args.includes('-h')) return []
  if (what !== 'muster') return word.needs ?? []
  const same = Object.values(words).find(({ first }) => first !== undefined && first[0] === args[0])
  return same?.needs ?? []
}

/**
 * @param {readonly string[]} needs
 * @param {string} node24
 * @param {NodeJS.ProcessEnv} env gets the paths of what was found
 */
async function provide(needs, node24, env) {
  const work = []
  if (needs.includes('temporal')) {
    work.push(findTemporalCli().then((path) => (env['MUSTER_TEMPORAL_CLI'] = path)))
  }
  if (needs.includes('agent')) work.push(ensureAgent(node24))
  await Promise.all(work)
}

/**
 * Node keeps compiled modules beside the packages: every later start takes 0.3 to 0.5 s less.
 * @param {string} node24
 */
function environment(node24) {
  const first = [join(root, 'node_modules', '.bin'), dirname(node24)]
  return {
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
    ...process.env,
    PATH: [...first, process.env['PATH'] ?? ''].join(delimiter),
  }
}

function refuseUnsupported() {
  if (Number(/^v(\d+)/.exec(process.version)?.[1]) < 20) {
    throw new Error(`Muster's set-up needs Node 20 or later, this is ${process.version}: install a newer one`)
  }
  if (process.platform === 'win32') {
    throw new Error('Muster runs on Linux and macOS: on Windows, use it inside WSL')
  }
}

/** @param {string} what */
function usage(what) {
  const rows = [...Object.entries(words).map(([name, { about }]) => [name, about]), ...Object.entries(tests)]
  const list = rows.map(([name, about]) => `  ${(name ?? '').padEnd(12)} ${about}`).join('\n')
  const problem = what === '' ? 'say what to run' : `there is nothing called \`${what}\` to run`
  return `${problem}. The words are:\n${list}`
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`muster: ${/** @type {Error} */ (error).message}\n`)
  process.exitCode = 1
}
