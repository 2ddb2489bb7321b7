import { setTimeout as sleep } from 'node:timers/promises'

/** Statuspage: one request a second for each key, measured over a minute. */
const SPACING_MS = 1_000

/** When a key may be used next, ms of the monotonic clock: several pages may share it, clients come and go. */
const free = new Map<string, number>()

/** Waits for this key's turn: calls of one process come a second apart, in order. */
export async function oneASecond(key: string, spacingMs = SPACING_MS): Promise<void> {
  const now = performance.now()
  const turn = Math.max(now, free.get(key) ?? 0)
  free.set(key, turn + spacingMs)
  if (turn > now) await sleep(turn - now)
}
