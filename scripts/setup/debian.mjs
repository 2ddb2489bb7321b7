import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { exec, lastLines } from './exec.mjs'
import { withLock } from './lock.mjs'
import { onPath } from './paths.mjs'
import { say } from './say.mjs'

const aptOptions = [
  '-y',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Dpkg::Options::=--force-confold',
]
const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', UCF_FORCE_CONFFOLD: '1' }
const clusterDefaults = '/etc/postgresql-common/createcluster.conf'

/** True when set-up runs for CI, where what is missing is a failure. */
export function inCi() {
  const set = process.env['CI'] ?? ''
  return set !== '' && set !== 'false' && set !== '0'
}

/**
 * Why Debian packages may not be installed here, or undefined when they may: only as root on Debian, and only in
 * CI or when the person said so. A developer's machine is not changed unasked.
 * @returns {string | undefined}
 */
export function whyNotInstall() {
  if (!existsSync('/etc/debian_version') || onPath('apt-get').length === 0)
    return 'this is not a Debian system'
  if (process.getuid?.() !== 0) return 'installing needs root'
  if (!inCi() && process.env['MUSTER_INSTALL'] !== '1')
    return 'set MUSTER_INSTALL=1 to have it installed by apt-get'
  return undefined
}

/**
 * Installs one Debian package.
 * @param {string} name
 * @throws with apt's last lines
 */
export async function installPackage(name) {
  await withLock(join(tmpdir(), 'muster-apt.lock'), async () => {
    say(`installing the Debian package ${name}`)
    const began = Date.now()
    // The lists of a fresh image are empty, and old ones name files that are gone. A half-failed update may still do.
    const update = await exec('apt-get', ['update', '-qq'], { env: environment })
    const install = await apt(name)
    if (install.code !== 0) {
      throw new Error(
        `apt-get install ${name} failed: ${lastLines({ ...install, stdout: update.stderr + install.stdout }, 15)}`,
      )
    }
    say(`${name} installed in ${Math.round((Date.now() - began) / 1000)} s`)
  })
}

/**
 * Installs a PostgreSQL server without the cluster that Debian's package makes and starts by default: the tests run
 * their own. The default for later installs by others is put back.
 * @param {string} name such as `postgresql-15`
 */
export async function installPostgresPackage(name) {
  await installPackage('postgresql-common')
  const before = existsSync(clusterDefaults) ? readFileSync(clusterDefaults, 'utf8') : undefined
  if (before === undefined) return installPackage(name)
  writeFileSync(clusterDefaults, `${before}\ncreate_main_cluster = false\n`)
  try {
    await installPackage(name)
  } finally {
    writeFileSync(clusterDefaults, before)
  }
}

/** @param {string} name */
function apt(name) {
  return exec('apt-get', ['install', '-qq', ...aptOptions, name], { env: environment })
}
