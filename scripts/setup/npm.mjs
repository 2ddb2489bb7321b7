import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { exec, lastLines } from './exec.mjs'
import { withLock } from './lock.mjs'
import { root } from './paths.mjs'
import { say } from './say.mjs'

/**
 * Makes `node_modules` what package-lock.json says, by `npm ci` when it is not. A few milliseconds when it is.
 * @param {string} [folder] the folder of package.json
 * @throws when npm fails, with npm's own last lines
 */
export async function ensurePackages(folder = root) {
  if (isStamped(folder)) return
  await withLock(join(folder, '.muster', 'npm.lock'), async () => {
    if (isStamped(folder)) return
    if (!holdsLockedPackages(folder)) await install(folder)
    writeFileSync(stampPath(folder), lockHash(folder))
  })
}

/** @param {string} folder */
function stampPath(folder) {
  return join(folder, 'node_modules', '.muster-lock-sha256')
}

/** @param {string} folder */
function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
}

/** @param {string} folder */
function isStamped(folder) {
  const installed = existsSync(join(folder, 'node_modules', '.package-lock.json'))
  return (
    installed &&
    existsSync(stampPath(folder)) &&
    readFileSync(stampPath(folder), 'utf8').trim() === lockHash(folder)
  )
}

/**
 * Whether a person's own `npm ci` or `npm install` already put there what the lock names: npm notes what it
 * installed in node_modules/.package-lock.json. Optional packages of other platforms may be absent.
 * @param {string} folder
 */
function holdsLockedPackages(folder) {
  const notePath = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(notePath)) return false
  const installed = JSON.parse(readFileSync(notePath, 'utf8')).packages
  const locked = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
  const names = Object.keys(locked).filter((name) => name !== '')
  const extra = Object.keys(installed).some((name) => locked[name] === undefined)
  return (
    !extra &&
    names.every((name) => {
      const found = installed[name]
      if (found === undefined) return locked[name].optional === true || locked[name].devOptional === true
      return found.version === locked[name].version && found.integrity === locked[name].integrity
    })
  )
}

/** @param {string} folder */
async function install(folder) {
  say('installing npm packages (npm ci): about a minute')
  const began = Date.now()
  const clean = await npm(folder, ['ci'])
  if (clean.code !== 0) {
    if (!lacksOnlyOptional(clean)) throw new Error(failure('npm ci', folder, clean))
    await installWithoutOptional(folder)
  }
  say(`npm packages installed in ${Math.round((Date.now() - began) / 1000)} s`)
}

/**
 * A lockfile written where the registry lacks packages for other platforms leaves those out, and `npm ci` then calls
 * it out of step with package.json. `npm install` takes it as it is; what it installed is compared with the lockfile.
 * @param {string} folder
 */
async function installWithoutOptional(folder) {
  const result = await npm(folder, ['install', '--no-save'])
  if (result.code !== 0) throw new Error(failure('npm install --no-save', folder, result))
  if (!holdsLockedPackages(folder)) {
    throw new Error(
      `npm installed other packages in ${folder} than package-lock.json names: run \`npm install\` and commit the lockfile`,
    )
  }
}

/**
 * Whether npm's only complaint is about packages whose version it could not even find out (`Missing: name@ from lock
 * file`): a real mismatch names versions.
 * @param {import('./exec.mjs').ExecResult} result
 */
function lacksOnlyOptional({ stdout, stderr }) {
  const complaints = `${stdout}\n${stderr}`.match(/(Missing|Invalid): .*/g) ?? []
  return complaints.length > 0 && complaints.every((line) => /^Missing: \S+@ from lock file$/.test(line))
}

/**
 * @param {string} folder
 * @param {readonly string[]} words
 */
function npm(folder, words) {
  const [command, first] = npmCommand()
  const args = [...first, ...words, '--no-audit', '--no-fund', '--loglevel=error']
  return exec(command, args, { cwd: folder, timeoutMs: 1_200_000 })
}

/**
 * @param {string} what
 * @param {string} folder
 * @param {import('./exec.mjs').ExecResult} result
 */
function failure(what, folder, result) {
  const lines = lastLines(result, 200).split('\n')
  const shown = lines.length > 40 ? [...lines.slice(0, 25), '…', ...lines.slice(-10)] : lines
  return `${what} in ${folder} failed (exit ${result.code}); mend what its output below says and run the same command again\n${shown.join('\n')}`
}

/**
 * The npm that started this process, when one did: it is the one the person chose. Else npm from PATH.
 * @returns {[string, string[]]}
 */
function npmCommand() {
  const cli = process.env['npm_execpath']
  const usable = cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(cli)
  return usable ? [process.execPath, [cli]] : ['npm', []]
}
