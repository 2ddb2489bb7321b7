import type { HostPhase } from '../host/types.ts'
import type { HostId } from '../ids.ts'

/** One of our API processes, as its pulses tell: it took beats from `startedAt` to `lastAt`. ms since 1970. */
export interface Pulse {
  startedAt: number
  lastAt: number
}

export interface SilenceCase {
  /** The silent host that may be replaced. */
  host: HostId
  /** The fleet's hosts that are ready or silent. */
  hosts: { host: HostId; phase: HostPhase }[]
  pulses: Pulse[]
  heartbeatTimeoutMs: number
  now: number
}

export interface SilenceVerdict {
  verdict: 'replace' | 'wait'
  /** For people. */
  reason: string
}

/** A process that is alive pulses every 10 s; three missed pulses are a gap. */
export const PULSE_GAP_MS = 30_000
const SHARE = 0.2
const ALWAYS_ALLOWED = 3

/**
 * May a silent host be replaced? An outage of ours (Temporal, the API, the network) makes hosts silent too, and must
 * never delete a fleet. So the answer is `wait` while
 * - our API has not taken beats without a gap for two heartbeat timeouts (nobody could have been heard),
 * - all of a fleet of two or more are silent at once,
 * - more than max(3, 20 %) of the fleet's ready and silent hosts are silent, however long: a frozen fleet stays frozen
 *   until beats come back or a person overrides it.
 */
export function judgeSilence({ host, hosts, pulses, heartbeatTimeoutMs, now }: SilenceCase): SilenceVerdict {
  const listenedSince = listeningSince(pulses, now)
  const neededMs = 2 * heartbeatTimeoutMs
  if (listenedSince === undefined) {
    return wait('our own API is away: no host can be heard')
  }
  if (now - listenedSince < neededMs) {
    const heard = Math.max(0, Math.round((now - listenedSince) / 1_000))
    return wait(
      `our own API was away: it has listened for ${heard} s of the ${Math.round(neededMs / 1_000)} s needed`,
    )
  }
  // This host is silent whatever the projection says: its own row may be a moment behind.
  const others = hosts.filter((row) => row.host !== host)
  const silent = 1 + others.filter(({ phase }) => phase === 'silent').length
  const total = 1 + others.length
  const count = `${silent} of ${total} ready hosts of the fleet are silent at once`
  if (total >= 2 && silent === total) return wait(`${count}: that is an outage, not ${total} broken hosts`)
  const limit = Math.max(ALWAYS_ALLOWED, Math.floor(SHARE * total))
  if (silent > limit) return wait(`${count}, more than ${limit}: the fleet is frozen until beats come back`)
  return {
    verdict: 'replace',
    reason: `${silent} of ${total} ready hosts of the fleet silent, at most ${limit} may be replaced`,
  }
}

const wait = (reason: string): SilenceVerdict => ({ verdict: 'wait', reason })

/** Since when at least one API process has taken beats without a gap until now; processes may take turns (a deploy). */
function listeningSince(pulses: Pulse[], now: number): number | undefined {
  const latestFirst = pulses
    .filter(({ startedAt, lastAt }) => startedAt <= lastAt)
    .toSorted((a, b) => b.lastAt - a.lastAt)
  let since: number | undefined
  for (const { startedAt, lastAt } of latestFirst) {
    if (lastAt + PULSE_GAP_MS < (since ?? now)) break
    since = Math.min(since ?? startedAt, startedAt)
  }
  return since
}
