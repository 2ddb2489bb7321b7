import process from 'node:process'

/**
 * One line of set-up chatter. Always on stderr: stdout belongs to the command that is being set up (`--json`).
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`muster: ${line}\n`)
}
