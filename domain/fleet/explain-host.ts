import { refusalIn } from '../host/launch-words.ts'
import { clockText } from '../durations.ts'
import { NO_BEATS } from '../host/record.ts'
import type { HostPhase } from '../host/types.ts'
import type { FleetHostFacts } from './explain.ts'
import { whenText } from './when-text.ts'

/** Why one host is not ready, or why many are not for one reason. */
export interface HostLine {
  /** Its id, or `212 hosts, 00051–00262`. */
  host: string
  phase: string
  why: string
  /** What comes next, with the instant (ms) when that is known. */
  next?: string
  at?: number
  /** Nothing will change until somebody acts. */
  needsPerson: boolean
}

/** A line with what it has in common with those of other hosts. */
export interface OneHostLine extends HostLine {
  /** The reason in words for several, without what differs from host to host. */
  many: string
  since: number
}

export function explainHost(host: FleetHostFacts, now: number): OneHostLine {
  const said = EXPLAIN[host.phase](host, `for ${clockText(now - host.phaseAt)}`, now)
  const { phase, phaseAt: since, reason } = host
  return { host: host.host, phase, since, needsPerson: refusalIn(reason) !== undefined, ...said }
}

type Said = Pick<OneHostLine, 'why' | 'many' | 'next' | 'at'>

const EXPLAIN: Record<HostPhase, (host: FleetHostFacts, lasts: string, now: number) => Said> = {
  waiting: ({ reason, waitUntil }) => ({
    why: reason || 'waits for its next launch',
    many: reason || 'wait for their next launch',
    ...(waitUntil !== undefined && { next: 'tries again', at: waitUntil }),
  }),
  launching: ({ attempt, reason }, lasts) => ({
    why: `an instance is being asked for, attempt ${attempt}, ${lasts}${launchNews(attempt, reason)}`,
    many: `instances are being asked for${launchNews(attempt, reason)}`,
  }),
  booting: ({ attempt, bootDeadline }, lasts) => ({
    why: `boots ${lasts}, attempt ${attempt}: its agent has not said "started" yet`,
    many: 'boot: their agents have not said "started" yet',
    ...(bootDeadline !== undefined && {
      next: 'is deleted and tried again unless it has started',
      at: bootDeadline,
    }),
  }),
  ready: (host, _lasts, now) => readyButLeaving(host, now),
  silent: ({ reason }, lasts) => ({
    why: `silent ${lasts}: no beats of its agent; ${silentNews(reason) ?? 'it is replaced when that lasts and few others are silent'}`,
    many: `silent: no beats of their agents; ${silentNews(reason) ?? 'they are replaced when that lasts and few others are silent'}`,
  }),
  draining: ({ reason }, lasts) => ({
    why: `ends its work ${lasts}: ${reason || 'it is to be replaced'}`,
    many: `end their work: ${reason || 'they are to be replaced'}`,
  }),
  deleting: ({ reason }, lasts) => ({
    why: `its instance is being deleted ${lasts}: ${reason}`,
    many: `their instances are being deleted: ${reason}`,
  }),
  retired: ({ reason }) => ({ why: `has ended: ${reason}`, many: `have ended: ${reason}` }),
}

/** What the launch itself has to say, besides that it goes on. */
const launchNews = (attempt: number, reason: string): string =>
  reason === '' || reason === `attempt ${attempt}` ? '' : `: ${reason}`

/** What the judge of the silence has said; undefined: it has not been asked yet. */
const silentNews = (reason: string): string | undefined =>
  reason === '' || reason === NO_BEATS ? undefined : `kept for now, because ${reason}`

function readyButLeaving({ reclaimAt, wish, reason }: FleetHostFacts, now: number): Said {
  if (reclaimAt !== undefined) {
    return {
      why: `the cloud takes its instance ${whenText(reclaimAt, now)}`,
      many: 'the cloud takes their instances',
    }
  }
  const asked = `ready, but asked to ${wish ?? 'end'}: ${reason}`
  return { why: asked, many: asked }
}
