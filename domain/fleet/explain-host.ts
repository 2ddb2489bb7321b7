import { clockText } from '../durations.ts'
import { NO_BEATS } from '../host/record.ts'
import type { HostPhase } from '../host/types.ts'
import type { FleetHostFacts } from './explain.ts'
import { whenText } from './when-text.ts'

/** Why one host is not ready. */
export interface HostLine {
  /** Its id, or `3 more` for those that have not been started. */
  host: string
  phase: string
  why: string
  /** What comes next, with the instant (ms) when that is known. */
  next?: string
  at?: number
  /** Nothing will change until somebody acts. */
  needsPerson: boolean
}

/** Words of a host whose launch only a person can mend. */
const REFUSED = /^the (account|request) was refused/

export function explainHost(host: FleetHostFacts, now: number): HostLine {
  const said = EXPLAIN[host.phase](host, `for ${clockText(now - host.phaseAt)}`, now)
  return { host: host.host, phase: host.phase, needsPerson: REFUSED.test(host.reason), ...said }
}

type Said = Pick<HostLine, 'why' | 'next' | 'at'>

const EXPLAIN: Record<HostPhase, (host: FleetHostFacts, lasts: string, now: number) => Said> = {
  waiting: ({ reason, waitUntil }) => ({
    why: reason || 'waits for its next launch',
    ...(waitUntil !== undefined && { next: 'tries again', at: waitUntil }),
  }),
  launching: ({ attempt, reason }, lasts) => ({
    why: `an instance is being asked for, attempt ${attempt}, ${lasts}${reason === '' || reason === `attempt ${attempt}` ? '' : `: ${reason}`}`,
  }),
  booting: ({ attempt, bootDeadline }, lasts) => ({
    why: `boots ${lasts}, attempt ${attempt}: its agent has not said "started" yet`,
    ...(bootDeadline !== undefined && {
      next: 'is deleted and tried again unless it has started',
      at: bootDeadline,
    }),
  }),
  ready: (host, _lasts, now) => ({ why: readyButLeaving(host, now) }),
  silent: ({ reason }, lasts) => ({
    why: `silent ${lasts}: no beats of its agent; ${reason === '' || reason === NO_BEATS ? 'it is replaced when that lasts and few others are silent' : `kept for now, because ${reason}`}`,
  }),
  draining: ({ reason }, lasts) => ({ why: `ends its work ${lasts}: ${reason || 'it is to be replaced'}` }),
  deleting: ({ reason }, lasts) => ({ why: `its instance is being deleted ${lasts}: ${reason}` }),
  retired: ({ reason }) => ({ why: `has ended: ${reason}` }),
}

function readyButLeaving({ reclaimAt, wish, reason }: FleetHostFacts, now: number): string {
  if (reclaimAt !== undefined) return `the cloud takes its instance ${whenText(reclaimAt, now)}`
  return `ready, but asked to ${wish ?? 'end'}: ${reason}`
}
