import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { installPackage, whyNotInstall } from './debian.mjs'
import { exec, lastLines } from './exec.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, isExecutable, onPath } from './paths.mjs'
import { say } from './say.mjs'

/** Last release when this was written; pinned, since other versions make other requests. */
const schemathesisVersion = '4.32.5'

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const chromiumPlaces = [
  '/usr/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * The Chromium that the dashboard's tests drive: `MUSTER_CHROMIUM`, PATH, the usual places, else Debian's package
 * where it may be installed.
 * @returns {Promise<string>} absolute path
 * @throws when there is none, saying what to do
 */
export async function findChromium() {
  const explicit = explicitProgram('MUSTER_CHROMIUM')
  if (explicit !== undefined) return explicit
  const found = chromiumHere()
  if (found !== undefined) return found
  const refusal = whyNotInstall()
  if (refusal !== undefined) {
    throw new Error(`no Chromium on PATH (${refusal}); install it, or set MUSTER_CHROMIUM to its path`)
  }
  await installPackage('chromium')
  const installed = chromiumHere()
  if (installed === undefined)
    throw new Error('apt-get installed chromium, but /usr/bin/chromium is not there')
  return installed
}

function chromiumHere() {
  return chromiumNames.flatMap((name) => onPath(name))[0] ?? chromiumPlaces.find((path) => isExecutable(path))
}

/**
 * The command `schemathesis`, which tests the API from its OpenAPI description: `MUSTER_SCHEMATHESIS`, else a venv of
 * the pinned version in the cache, made with python3 and pip.
 * @returns {Promise<string>} absolute path
 * @throws with what pip said
 */
export async function findSchemathesis() {
  const explicit = explicitProgram('MUSTER_SCHEMATHESIS')
  if (explicit !== undefined) return explicit
  const folder = cacheDir('schemathesis', schemathesisVersion)
  const command = join(folder, 'bin', 'schemathesis')
  if (isComplete(folder)) return command
  return withLock(`${folder}.lock`, async () => {
    if (!isComplete(folder)) await makeVenv(folder)
    return command
  })
}

/** @param {string} folder */
function stampOf(folder) {
  return join(folder, '.complete')
}

/**
 * A venv holds absolute paths, so it is made in place and stamped last. It is useless once its Python is gone.
 * @param {string} folder
 */
function isComplete(folder) {
  return existsSync(stampOf(folder)) && isExecutable(join(folder, 'bin', 'python'))
}

/** @param {string} folder */
async function makeVenv(folder) {
  say(`installing schemathesis ${schemathesisVersion}`)
  const began = Date.now()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const python = join(folder, 'bin', 'python')
  // Debian's python3 has no ensurepip without python3-venv, but its pip can install into a venv that has none itself.
  await mustRun('python3', ['-m', 'venv', '--without-pip', folder])
  await mustRun('python3', [
    '-m',
    'pip',
    '--python',
    python,
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--root-user-action=ignore',
    `schemathesis==${schemathesisVersion}`,
  ])
  if (!isExecutable(join(folder, 'bin', 'schemathesis'))) {
    throw new Error(
      `pip installed schemathesis without its command: ${readdirSync(join(folder, 'bin')).join(', ')}`,
    )
  }
  writeFileSync(stampOf(folder), '')
  say(`schemathesis ${schemathesisVersion} installed in ${Math.round((Date.now() - began) / 1000)} s`)
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function mustRun(command, args) {
  const result = await exec(command, args)
  if (result.code !== 0) {
    throw new Error(
      `${command} ${args.slice(0, 2).join(' ')} failed (pip 22.3 or later is needed): ${lastLines(result, 8)}`,
    )
  }
}

/**
 * @param {string} variable
 * @returns {string | undefined}
 */
function explicitProgram(variable) {
  const explicit = process.env[variable]
  if (explicit === undefined || explicit === '') return undefined
  if (isExecutable(explicit)) return resolve(explicit)
  throw new Error(`${variable}=${explicit} is not a program that can be run; correct it or unset it`)
}
