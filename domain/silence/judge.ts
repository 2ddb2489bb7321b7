import type { HostPhase } from '../host/types.ts'
import type { HostId } from '../ids.ts'
import { isMassSilence, silenceLimit } from './mass.ts'

/** One of our API processes, according to its pulses: it accepted beats from `startedAt` to `lastAt`. ms since 1970. */
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
  /** How long the host is kept silent before it is judged: it has been silent for this long at least. */
  silentGraceMs: number
  /** A person has said that hosts are replaced although many are silent. */
  isOverridden?: boolean
  now: number
}

export interface SilenceVerdict {
  verdict: 'replace' | 'wait'
  /** For people. */
  reason: string
}

/** A process that is alive pulses every 3 s (twice in the shortest grace); what lasts longer than this is a gap. */
export const PULSE_GAP_MS = 30_000

/**
 * May a silent host be replaced? An outage of ours (Temporal, the API, the network) makes hosts silent too, and must
 * never delete a fleet. So the answer is `wait` while
 * - our API has not taken beats without a gap for two heartbeat timeouts (nobody could have been heard),
 * - all of a fleet of two or more are silent at once,
 * - more than max(3, 20 %) of the fleet's ready and silent hosts are silent, however long: a frozen fleet stays frozen
 *   until beats come back or a person overrides it.
 */
export function judgeSilence(silence: SilenceCase): SilenceVerdict {
  const { host, hosts, pulses, heartbeatTimeoutMs, silentGraceMs, isOverridden = false, now } = silence
  const listenedMs = listenedFor(pulses, {
    // An API that died took its hosts' voices with it: only a pulse from within the silence shows that it did not.
    since: now - Math.min(PULSE_GAP_MS, silentGraceMs),
    // Processes that take turns must leave no time in which a living host falls silent.
    gapMs: Math.min(PULSE_GAP_MS, heartbeatTimeoutMs),
  })
  const neededMs = 2 * heartbeatTimeoutMs
  if (listenedMs === undefined) return wait('our own API is away: no host can be heard')
  if (listenedMs < neededMs) {
    const heard = Math.round(listenedMs / 1_000)
    return wait(
      `our own API was away: it has listened for ${heard} s of the ${Math.round(neededMs / 1_000)} s needed`,
    )
  }
  // This host is silent whatever the projection says: its own row may be a moment behind.
  const others = hosts.filter((row) => row.host !== host)
  const silent = 1 + others.filter(({ phase }) => phase === 'silent').length
  const total = 1 + others.length
  const count = `${silent} of ${total} ready hosts of the fleet are silent at once`
  const limit = silenceLimit(total)
  if (!isOverridden && isMassSilence(silent, total)) {
    if (silent === total) return wait(`${count}: that is an outage, not ${total} broken hosts`)
    return wait(`${count}, more than ${limit}: the fleet is frozen until beats come back`)
  }
  if (isOverridden) return { verdict: 'replace', reason: `${count}; a person has overridden the freeze` }
  return {
    verdict: 'replace',
    reason: `${silent} of ${total} ready hosts of the fleet silent, at most ${limit} may be replaced`,
  }
}

const wait = (reason: string): SilenceVerdict => ({ verdict: 'wait', reason })

/**
 * For how long, to its newest pulse, at least one API process has taken beats without a gap; processes may take turns (a
 * deploy). Undefined: none has pulsed lately.
 */
function listenedFor(
  pulses: Pulse[],
  { since: newestAfter, gapMs }: { since: number; gapMs: number },
): number | undefined {
  const latestFirst = pulses
    .filter(({ startedAt, lastAt }) => startedAt <= lastAt)
    .toSorted((a, b) => b.lastAt - a.lastAt)
  const [newest] = latestFirst
  if (!newest || newest.lastAt < newestAfter) return undefined
  let since = newest.startedAt
  for (const { startedAt, lastAt } of latestFirst) {
    if (lastAt + gapMs < since) break
    since = Math.min(since, startedAt)
  }
  return newest.lastAt - since
}
