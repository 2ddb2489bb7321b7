import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from './say.mjs'

/** A lock folder without a readable owner is taken for abandoned after this long: its maker died between mkdir and write. */
const ownerlessMs = 10_000

/**
 * Runs `work` while holding the lock folder `path`, so that set-ups started together do one after the other.
 * A lock whose process is gone is taken over. The folder must be on a disk of this machine: owners are process ids.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ waitMs?: number }} [options] how long to wait for another holder, default 15 min
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { waitMs = 900_000 } = {}) {
  const deadline = Date.now() + waitMs
  let told = false
  mkdirSync(dirname(path), { recursive: true })
  while (!take(path)) {
    const owner = ownerOf(path)
    if (isAbandoned(path, owner)) {
      remove(path, owner)
      continue
    }
    if (Date.now() > deadline) {
      throw new Error(
        `another set-up (process ${owner}) has held ${path} for ${waitMs / 1000} s; end it, or delete that folder if nothing runs`,
      )
    }
    if (!told) say(`waiting for another set-up (process ${owner ?? 'unknown'})`)
    told = true
    await delay(100)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}

/** @param {string} path */
function take(path) {
  try {
    mkdirSync(path)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
  writeFileSync(join(path, 'owner'), String(process.pid))
  return true
}

/** @param {string} path */
function ownerOf(path) {
  try {
    const pid = Number(readFileSync(join(path, 'owner'), 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined // released meanwhile, or not yet written
  }
}

/**
 * @param {string} path
 * @param {number | undefined} owner
 */
function isAbandoned(path, owner) {
  if (owner === undefined) {
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    return made !== undefined && Date.now() - made > ownerlessMs
  }
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH'
  }
}

/**
 * Renames first, so that of several who find a lock abandoned only one removes it; and looks again at what it
 * holds then: a quicker one may already have replaced the dead lock by its own, which is given back.
 * @param {string} path
 * @param {number | undefined} owner the dead owner
 */
function remove(path, owner) {
  const grave = `${path}.${process.pid}.${Date.now()}`
  try {
    renameSync(path, grave)
    if (ownerOf(grave) !== owner) return renameSync(grave, path)
  } catch {
    return // another one was quicker
  }
  rmSync(grave, { recursive: true, force: true })
}
