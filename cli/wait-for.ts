import { setTimeout as sleep } from 'node:timers/promises'
import { MusterError } from '../domain/errors.ts'

/**
 * Asks again and again until there is an answer.
 * @param what for the error: "waited 30 s for …"
 * @throws MusterError `timed_out`
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > until)
      throw new MusterError('timed_out', `waited ${timeoutMs / 1000} s for ${what}`)
    await sleep(everyMs)
  }
}
