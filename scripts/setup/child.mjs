import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'
import { tieToThisProcess } from './lifeline.mjs'

/** npm passes a terminal's Ctrl-C on although the terminal sent it to us as well: two within this time are one. */
const sameSignalMs = 500

/** How often a person has to ask before the children are ended with SIGKILL. */
const patience = 3

/**
 * @typedef {object} Child
 * @property {Promise<number>} ended exit code; 128 + number when a signal ended it, 127 when it could not be started
 * @property {(name: NodeJS.Signals) => void} signal to the child and all that it started
 */

/**
 * Starts a program as the head of its own process group: signals reach it through us alone, each once, and what it
 * leaves behind is ended with it. It also ends when this process is killed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Pick<import('node:child_process').SpawnOptions, 'cwd' | 'env' | 'stdio'>} options
 * @returns {Child}
 */
export function startChild(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true })
  const pid = child.pid
  const lifeline = pid === undefined ? undefined : tieToThisProcess(pid, { group: true, graceSeconds: 15 })
  /** @param {NodeJS.Signals} name */
  const signal = (name) => {
    if (pid !== undefined) signalGroup(pid, name)
  }
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`muster: cannot run ${command}: ${error.message}\n`)
      resolve(127)
    })
    child.once('exit', (code, by) => {
      lifeline?.release()
      signal('SIGKILL') // the stragglers of the group; its head is gone
      resolve(code ?? 128 + (by === null ? 0 : constants.signals[by]))
    })
  })
  return { ended, signal }
}

/**
 * Runs a program in the foreground with our terminal, hands our signals on to it, and answers with its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Pick<import('node:child_process').SpawnOptions, 'cwd' | 'env'>} options
 * @returns {Promise<number>}
 */
export async function runForeground(command, args, options) {
  const child = startChild(command, args, { ...options, stdio: 'inherit' })
  const release = onSignals((name, count) =>
    child.signal(count >= patience ? 'SIGKILL' : name === 'SIGHUP' ? 'SIGTERM' : name),
  )
  try {
    return await child.ended
  } finally {
    release()
  }
}

/**
 * Calls `act` for each SIGINT, SIGTERM or SIGHUP that a person (or npm for them) sends, echoes left out.
 * @param {(name: NodeJS.Signals, count: number) => void} act
 * @returns {() => void} stops listening
 */
export function onSignals(act) {
  /** @type {NodeJS.Signals[]} */
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP']
  let count = 0
  let last = Number.NEGATIVE_INFINITY
  /** @param {NodeJS.Signals} name */
  const listener = (name) => {
    const now = performance.now()
    if (now - last < sameSignalMs) return
    last = now
    count += 1
    act(name, count)
  }
  for (const name of names) process.on(name, listener)
  return () => {
    for (const name of names) process.off(name, listener)
  }
}

/**
 * @param {number} leader
 * @param {NodeJS.Signals} name
 */
function signalGroup(leader, name) {
  try {
    process.kill(-leader, name)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}
