import { spawn } from 'node:child_process'

// Waits at a pipe that only the tied process's keeper holds open; its end means that the keeper is gone, however it died.
const script = `
read -r _
kill -s "$1" -- "$2" 2>/dev/null
waited=0
while [ "$waited" -lt "$3" ] && kill -s 0 -- "$2" 2>/dev/null; do sleep 1; waited=$((waited + 1)); done
kill -s KILL -- "$2" 2>/dev/null
[ -z "$4" ] || rm -rf -- "$4"
`

/**
 * Ties a child to the life of this process: when this process ends in any way (SIGKILL and exceptions included)
 * before `release()`, the child gets `signal`, and SIGKILL when it still lives after `graceSeconds`. POSIX only.
 * @param {number} pid the child
 * @param {object} [options]
 * @param {'TERM' | 'INT' | 'QUIT' | 'KILL'} [options.signal] default TERM
 * @param {boolean} [options.group] signals the whole process group that `pid` leads; default false
 * @param {number} [options.graceSeconds] default 5
 * @param {string} [options.removeFolder] a scratch folder to remove afterwards
 * @returns {{ release(): void }} to be released as soon as the child has ended, before its id can be another's
 */
export function tieToThisProcess(
  pid,
  { signal = 'TERM', group = false, graceSeconds = 5, removeFolder = '' } = {},
) {
  const target = String(group ? -pid : pid)
  const watcher = spawn(
    '/bin/sh',
    ['-c', script, 'muster-lifeline', signal, target, String(graceSeconds), removeFolder],
    {
      detached: true, // a Ctrl-C meant for this process must not end the watcher
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  watcher.unref()
  const pipe = /** @type {import('node:net').Socket} */ (watcher.stdin)
  pipe.unref()
  pipe.on('error', () => watcher.kill('SIGKILL'))
  return { release: () => void watcher.kill('SIGKILL') }
}
