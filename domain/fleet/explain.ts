import type { HoldSubject } from '../breaker/hold.ts'
import type { HostPhase, Wish } from '../host/types.ts'
import { explainChoices } from './explain-choices.ts'
import { explainHost, type HostLine } from './explain-host.ts'
import { explainSituation } from './explain-situation.ts'
import { isFrozen, isStale, isWorkerGone } from './fleet-condition.ts'
import { missingLines } from './missing-lines.ts'
import type { SlotRange } from './slots.ts'
import { isUp } from './survey-row.ts'
import type { FleetStatus } from './types.ts'
import { unstartedLines } from './unstarted-lines.ts'
import { whenText } from './when-text.ts'

/** What is known of a fleet. Instants by the wall clock, ms. */
export interface FleetFacts {
  name: string
  desired: number
  paused: boolean
  specHash: string
  /** The last thing that happened. */
  note: string
  updatedAt: number
  status?: FleetStatus
  /** Started and not ended, as the fleet has reported. */
  slots: SlotRange[]
  /** When a worker last asked for work on the fleet's queue; `none`: nobody has, for minutes; absent: not known. */
  workerSeen?: number | 'none'
  /** Hosts that are not retired. */
  hosts: FleetHostFacts[]
  /** Holds that touch this fleet. */
  holds: (HoldSubject & { id: number; reason: string; until: number })[]
}

export interface FleetHostFacts {
  host: string
  attempt: number
  phase: HostPhase
  phaseAt: number
  specHash: string
  reason: string
  bootDeadline?: number
  waitUntil?: number
  reclaimAt?: number
  wish?: Wish['kind']
}

/** Why a fleet is as it is, in words. */
export interface Explanation {
  /** One sentence. */
  headline: string
  /** `fine`: nothing to do; `working`: Muster is at it; `waiting`: for time or the cloud; `person`: somebody must act. */
  state: 'fine' | 'working' | 'waiting' | 'person'
  /** What holds for the whole fleet. */
  fleet: string[]
  /** Each host that is not ready; where they are many, those of one reason together. */
  missing: HostLine[]
  /** What happens next, and when. */
  next: string[]
  /** What a person can do, with the command. */
  youCan: { what: string; command: string }[]
}

/**
 * Says in words why a fleet has fewer hosts ready than are wanted, what happens next, and what a person can do.
 *
 * @param now wall clock, ms
 */
export function explainFleet(facts: FleetFacts, now: number): Explanation {
  const ready = facts.hosts.filter(isUp).length
  const notReady = facts.hosts.filter((host) => !isUp(host)).map((host) => explainHost(host, now))
  const unstarted = unstartedLines(facts, now)
  const lines = [...notReady, ...unstarted]
  return {
    headline: headline(facts, ready),
    state: stateOf(facts, lines, ready, now),
    fleet: explainSituation(facts, now),
    missing: [...missingLines(notReady, now), ...unstarted],
    next: nextLines(facts, lines, now),
    youCan: explainChoices(facts, lines, now),
  }
}

function headline({ name, desired, hosts }: FleetFacts, ready: number): string {
  const beyond = hosts.length - desired
  const more = beyond > 0 ? `; ${beyond} beyond that ${beyond === 1 ? 'is' : 'are'} there` : ''
  if (ready >= desired) return `${name} has the ${desired} ready hosts that are wanted${more}`
  return `${name} has ${ready} of ${desired} wanted hosts ready: ${desired - ready} missing`
}

function stateOf(facts: FleetFacts, lines: HostLine[], ready: number, now: number): Explanation['state'] {
  const isPausedShort = facts.paused && ready !== facts.desired
  if (isStuck(facts, now) || isPausedShort || lines.some((line) => line.needsPerson)) return 'person'
  const isRolling = facts.status?.rollout?.state === 'rolling'
  if (lines.length === 0 && !isRolling) return 'fine'
  const isWaiting = lines.some(({ phase }) => phase === 'waiting' || phase === 'silent')
  return isWaiting ? 'waiting' : 'working'
}

/** Nothing changes until somebody acts, or for as long as no worker looks at the fleet. */
const isStuck = (facts: FleetFacts, now: number): boolean =>
  facts.status?.rollout?.state === 'stopped' ||
  isFrozen(facts.status, now) ||
  isWorkerGone(facts, now) ||
  isStale(facts, now)

function nextLines({ paused, status }: FleetFacts, lines: HostLine[], now: number): string[] {
  const next: string[] = []
  const soonest = soonestOf(lines)
  if (soonest?.at !== undefined && soonest.next) {
    next.push(`${soonest.host}: ${soonest.next} ${whenText(soonest.at, now)}`)
  }
  if (isFrozen(status, now)) next.push('When beats come back the fleet goes on by itself.')
  if (paused) next.push('Nothing until somebody resumes the fleet.')
  else if (status?.rollout?.state === 'stopped') {
    next.push('The rollout stands still until somebody rolls back, applies a repaired spec, or rolls again.')
  }
  return next
}

const soonestOf = (lines: HostLine[]): HostLine | undefined =>
  lines.filter((line) => line.at !== undefined).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))[0]
