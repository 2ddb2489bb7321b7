import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { MusterError } from '../../domain/errors.ts'

/** Where a person sits. */
export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean }
}

const OWN_TERMINAL: Terminal = { input: process.stdin, output: process.stdout }

/**
 * Asks for confirmation on a terminal; without one, `--yes` must have been given.
 *
 * @param doubts what will happen, a line each; none: nothing is asked
 * @throws MusterError `conflict` when the answer is no, or when nobody can be asked
 */
export async function requireConsent(
  doubts: readonly string[],
  { yes = false, json = false }: { yes?: boolean | undefined; json?: boolean | undefined },
  { input, output } = OWN_TERMINAL,
): Promise<void> {
  if (doubts.length === 0 || yes) return
  const list = doubts.map((doubt) => `  ${doubt}`).join('\n')
  if (json || !input.isTTY || !output.isTTY) {
    throw new MusterError(
      'conflict',
      `nothing was changed, because nobody has agreed to this:\n${list}\nsay --yes when it is meant so`,
      { details: { doubts } },
    )
  }
  if (await isAgreed(`${list}\nGo on? [y/N] `, { input, output })) return
  throw new MusterError('conflict', 'nothing was changed: you said no')
}

/** An input that ends without an answer is a no, too. */
async function isAgreed(question: string, terminal: Terminal): Promise<boolean> {
  const lines = createInterface(terminal)
  try {
    const ended = once(lines, 'close').then(() => '')
    const answer = await Promise.race([lines.question(question), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
