import { spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { installPostgresPackage, whyNotInstall } from './debian.mjs'
import { exec, lastLines } from './exec.mjs'
import { tieToThisProcess } from './lifeline.mjs'
import { isExecutable, onPath } from './paths.mjs'

/** The version that Debian 12 has and the tests are written against; another one is used when it is all there is. */
const wantedMajor = '15'
const startMs = 60_000
const stopMs = 10_000
const portTries = 5

/** Speed over safety: the data lives as long as the tests. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
}

/**
 * @typedef {object} Cluster
 * @property {string} url of the superuser `postgres`, no password
 * @property {() => Promise<void>} stop ends it and removes its data
 */

/**
 * Starts a PostgreSQL of our own: a temporary folder, a free loopback port, the user `postgres` when we are root (the
 * server refuses root). Any number may run side by side. It ends with this process if it was not stopped before.
 * @returns {Promise<Cluster>}
 * @throws when PostgreSQL is not installed and may not be, or does not start
 */
export async function startPostgres() {
  const bin = await findPostgres()
  const owner = await serverUser()
  const folder = mkdtempSync(join(tmpdir(), 'muster-postgres-'))
  try {
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
    await initialise(bin, folder, owner)
    return await startOnFreePort(bin, folder, owner)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * The folder with PostgreSQL's own programs (Debian keeps them off PATH), installed first where that is allowed.
 * @returns {Promise<string>}
 */
async function findPostgres() {
  const found = postgresHere()
  if (found !== undefined) return found
  const refusal = whyNotInstall()
  if (refusal !== undefined) {
    throw new Error(
      `PostgreSQL ${wantedMajor} is not installed (no initdb on PATH or in /usr/lib/postgresql; ${refusal}); install it, or put its programs on PATH`,
    )
  }
  await installPostgresPackage(`postgresql-${wantedMajor}`)
  const installed = postgresHere()
  if (installed === undefined)
    throw new Error(`apt-get installed postgresql-${wantedMajor}, but its initdb is not there`)
  return installed
}

/** @returns {string | undefined} */
function postgresHere() {
  const folders = [
    ...versionsIn('/usr/lib/postgresql'),
    ...onPath('initdb').map((path) => dirname(realpathSync(path))),
    `/opt/homebrew/opt/postgresql@${wantedMajor}/bin`,
    `/usr/local/opt/postgresql@${wantedMajor}/bin`,
  ].filter((folder) => isExecutable(join(folder, 'initdb')) && isExecutable(join(folder, 'postgres')))
  return folders.find((folder) => folder.includes(wantedMajor)) ?? folders[0]
}

/** @param {string} parent */
function versionsIn(parent) {
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(parent, version, 'bin'))
}

/**
 * @typedef {{ uid: number, gid: number }} Owner
 * @returns {Promise<Owner | undefined>} undefined: our own user
 */
async function serverUser() {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([exec('id', ['-u', name]), exec('id', ['-g', name])])
    if (uid.code === 0 && gid.code === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as')
}

/**
 * @param {string} bin
 * @param {string} folder
 * @param {Owner | undefined} owner
 */
async function initialise(bin, folder, owner) {
  const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C'
  const args = [
    '-D',
    join(folder, 'data'),
    '-A',
    'trust',
    '-U',
    'postgres',
    '-E',
    'UTF8',
    `--locale=${locale}`,
  ]
  const result = await exec(join(bin, 'initdb'), [...args, '--no-sync'], {
    cwd: folder,
    timeoutMs: startMs,
    ...owner,
  })
  if (result.code !== 0) throw new Error(`initdb failed (exit ${result.code}): ${lastLines(result, 10)}`)
}

/**
 * A port found free may be taken by the time the server binds it: then the next one.
 * @param {string} bin
 * @param {string} folder
 * @param {Owner | undefined} owner
 * @returns {Promise<Cluster>}
 */
async function startOnFreePort(bin, folder, owner) {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort()
    const server = launch(bin, folder, port, owner)
    const lifeline = tieToThisProcess(server.child.pid ?? 0, { signal: 'QUIT', removeFolder: folder })
    const problem = await untilReady(folder, server)
    if (problem === undefined) {
      return {
        url: `postgres://postgres@127.0.0.1:${port}/postgres`,
        stop: () => stop(server, lifeline, folder),
      }
    }
    await end(server)
    lifeline.release()
    if (tries === portTries || !problem.includes('already in use')) {
      throw new Error(`PostgreSQL did not start on port ${port}: ${problem}`)
    }
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
      probe.close(() => resolve(port))
    })
  })
}

/**
 * @typedef {{ child: import('node:child_process').ChildProcess, ended: Promise<void> }} Server
 * @param {string} bin
 * @param {string} folder
 * @param {number} port
 * @param {Owner | undefined} owner
 * @returns {Server}
 */
function launch(bin, folder, port, owner) {
  const log = openSync(join(folder, 'log'), 'w')
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), '-p', String(port), ...options], {
    cwd: folder,
    detached: true, // a Ctrl-C in the terminal ends the tests first, then their database
    stdio: ['ignore', log, log],
    ...owner,
  })
  closeSync(log)
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
  return { child, ended: ended.then(() => undefined) }
}

/**
 * Ready is what pg_ctl takes for it: the eighth line of postmaster.pid says so.
 * @param {string} folder
 * @param {Server} server
 * @returns {Promise<string | undefined>} why it is not, or undefined when it is ready
 */
async function untilReady(folder, { child }) {
  const deadline = Date.now() + startMs
  const pidFile = join(folder, 'data', 'postmaster.pid')
  const log = () => readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(-10).join('\n')
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return log()
    const status = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n')[7]?.trim() : undefined
    if (status === 'ready') return undefined
    await delay(20)
  }
  return `not ready within ${startMs / 1000} s\n${log()}`
}

/**
 * @param {Server} server
 * @param {{ release(): void }} lifeline
 * @param {string} folder
 */
async function stop(server, lifeline, folder) {
  await end(server)
  lifeline.release()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * SIGQUIT is PostgreSQL's immediate shutdown: right for data that nobody wants.
 * @param {Server} server
 */
async function end({ child, ended }) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGQUIT')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended
  clearTimeout(timer)
}
