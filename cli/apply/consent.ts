import { createInterface } from 'node:readline/promises'
import { MusterError } from '../../domain/errors.ts'

/**
 * Asks a person at a terminal whether to go on; anybody else has to have said `--yes`.
 *
 * @param doubts what will happen, a line each; none: nothing is asked
 * @throws MusterError `conflict` when the answer is no, or when nobody can be asked
 */
export async function requireConsent(
  doubts: readonly string[],
  { yes = false, json = false }: { yes?: boolean | undefined; json?: boolean | undefined },
): Promise<void> {
  if (doubts.length === 0 || yes) return
  const list = doubts.map((doubt) => `  ${doubt}`).join('\n')
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new MusterError(
      'conflict',
      `nothing was changed, because nobody has agreed to this:\n${list}\nsay --yes when it is meant so`,
      { details: { doubts } },
    )
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await terminal.question(`${list}\nGo on? [y/N] `)
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    terminal.close()
  }
  throw new MusterError('conflict', 'nothing was changed: you said no')
}
