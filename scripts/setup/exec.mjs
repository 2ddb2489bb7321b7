import { spawn } from 'node:child_process'

/**
 * @typedef {object} ExecResult
 * @property {number} code exit code; 127 when the program could not be started, 128 when a signal ended it
 * @property {string} stdout
 * @property {string} stderr also says why a program could not be started or that it took too long
 */

/**
 * @typedef {object} ExecOptions
 * @property {number} [timeoutMs] then it is ended by SIGKILL; default 10 min
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env]
 * @property {number} [uid] whom to run it as, with `gid`
 * @property {number} [gid]
 */

/**
 * Runs a program to its end and answers with what it said. Never throws for what the program does.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {ExecOptions} [options]
 * @returns {Promise<ExecResult>}
 */
export function exec(command, args, { timeoutMs = 600_000, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    const timer = setTimeout(() => {
      stderr += `\n${command} did not end within ${timeoutMs / 1000} s`
      child.kill('SIGKILL')
    }, timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve({ code: 127, stdout, stderr: `${stderr}${error.message}` })
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? 128, stdout, stderr })
    })
  })
}

/**
 * The last lines of what a failed program said, for an error message.
 * @param {ExecResult} result
 * @param {number} [count]
 */
export function lastLines(result, count = 20) {
  return `${result.stdout}\n${result.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n')
}
