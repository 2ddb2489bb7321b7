import { Refusal } from './refusal.ts'

const WINDOW_MS = 60_000

/** One request a second for each key, as 60 within any 60 seconds; what is refused does not count (our reading). */
export function createRollingLimit(now: () => number, perWindow: () => number) {
  const seen = new Map<string, number[]>()
  return {
    /** @throws Refusal 420 */
    take(key: string): void {
      const at = now()
      const recent = (seen.get(key) ?? []).filter((time) => time > at - WINDOW_MS)
      seen.set(key, recent)
      if (recent.length >= perWindow()) {
        throw new Refusal(420, 'Rate limit exceeded: 1 request / second as measured on a 60 second window.')
      }
      recent.push(at)
    },
  }
}
