import { subjectText, type HoldSubject } from '../breaker/hold.ts'
import type { HostPhase, Wish } from '../host/types.ts'
import { parseHostId } from '../ids.ts'
import { explainHost, type HostLine } from './explain-host.ts'
import { missingLines, slotsName } from './missing-lines.ts'
import { addSlots, countSlots, expand, lowestFree, type SlotRange } from './slots.ts'
import { isUp } from './survey-row.ts'
import type { FleetStatus } from './types.ts'
import { agoText, whenText } from './when-text.ts'

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
  /** Started and not ended, as the fleet has told. */
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

/** A fleet is looked at every 30 seconds: a row that is older than this is nobody's word. */
const STALE_MS = 3 * 60_000
/** A worker's call for work lasts a minute at most, then it calls again; and a fleet that is looked at is so by then. */
const WORKER_GONE_MS = 70_000
const LOOKED_MS = 45_000

/** @param now wall clock, ms */
export function explainFleet(facts: FleetFacts, now: number): Explanation {
  const ready = facts.hosts.filter(isUp).length
  const there = facts.hosts.filter((host) => !isUp(host)).map((host) => explainHost(host, now))
  const lines = [...there, ...notThere(facts, now)]
  return {
    headline: headline(facts, ready),
    state: stateOf(facts, lines, ready, now),
    fleet: fleetLines(facts, now),
    missing: [...missingLines(there, now), ...notThere(facts, now)],
    next: nextLines(facts, lines, now),
    youCan: choices(facts, lines, now),
  }
}

function headline({ name, desired, hosts }: FleetFacts, ready: number): string {
  const beyond = hosts.length - desired
  const more = beyond > 0 ? `; ${beyond} beyond that ${beyond === 1 ? 'is' : 'are'} there` : ''
  if (ready >= desired) return `${name} has the ${desired} ready hosts that are wanted${more}`
  return `${name} has ${ready} of ${desired} wanted hosts ready: ${desired - ready} missing`
}

/** Hosts that have been started and have not written yet, and those that are to be started: one line for each. */
function notThere(facts: FleetFacts, now: number): HostLine[] {
  const { desired, hosts, slots, paused } = facts
  const written = new Set(hosts.map(({ host }) => parseHostId(host).slot))
  const staying = hosts.filter(({ wish }) => wish !== 'retire').length
  const missing = Math.max(0, desired - staying)
  const started = expand(slots)
    .filter((slot) => !written.has(slot))
    .slice(0, missing)
  const toStart = lowestFree(addSlots(slots, written), missing - started.length)
  const why = notStarted(facts, now)
  const lines = [
    { slots: started, phase: 'launching', why: whyUnwritten(facts, now) },
    { slots: toStart, phase: 'not started', why },
  ]
  return lines
    .filter((line) => line.slots.length > 0)
    .map(({ slots: of, phase, why: words }) => ({
      host: slotsName(of),
      phase,
      why: words,
      needsPerson: paused && phase === 'not started',
    }))
}

const whyUnwritten = (facts: FleetFacts, now: number): string =>
  `told to start: nothing is known of ${isWorkerGone(facts, now) ? 'them, and no worker runs that could begin' : 'them yet'}`

function notStarted(facts: FleetFacts, now: number): string {
  const { paused, status, updatedAt } = facts
  if (paused) return 'the fleet is paused: nothing is started'
  if (isWorkerGone(facts, now)) return 'no worker runs that could start them'
  if (now - updatedAt > STALE_MS) return 'the fleet has not looked at its hosts lately; does a worker run?'
  if (isFrozen(status, now)) return 'the fleet is frozen: nothing is started'
  if (status?.overshoot) {
    const { live, limit } = status.overshoot
    return `${live} hosts live where at most ${limit} may: launches wait until some that are on their way out are gone`
  }
  return 'to be started with the next look, within 30 seconds'
}

/** Two witnesses: clocks of other machines may be wrong, and a fleet may be busy. */
const isWorkerGone = ({ workerSeen, updatedAt }: FleetFacts, now: number): boolean =>
  workerSeen !== undefined &&
  (workerSeen === 'none' || now - workerSeen > WORKER_GONE_MS) &&
  now - updatedAt > LOOKED_MS

const isFrozen = (status: FleetStatus | undefined, now: number): boolean =>
  status?.frozen !== undefined && !(status.override && now < status.override.until)

function fleetLines(facts: FleetFacts, now: number): string[] {
  const { paused, status, holds, updatedAt, note, workerSeen } = facts
  return [
    ...(isWorkerGone(facts, now)
      ? [
          `No worker asks for work${typeof workerSeen === 'number' ? ` since ${agoText(workerSeen, now)}` : ''}: nothing is started, retired or replaced, and no boot deadline is kept, until one runs.`,
        ]
      : []),
    ...(now - updatedAt > STALE_MS
      ? [`What follows may be old: the fleet last told something ${agoText(updatedAt, now)}.`]
      : []),
    ...(paused ? [`Paused: no host is started, retired or replaced. Hosts that run go on. (${note})`] : []),
    ...(status ? [...freezeLines(status, now), ...rolloutLines(status), ...surplusLines(status)] : []),
    ...holds.map(
      (hold) =>
        `Hold ${hold.id} stops launches of ${subjectText(hold)}: ${hold.reason}; one host may try ${whenText(hold.until, now)}.`,
    ),
    ...(paused ? [] : [`Last change: ${note}.`]),
  ]
}

function freezeLines({ frozen, override }: FleetStatus, now: number): string[] {
  if (!frozen) return []
  const { silent, of, since } = frozen
  const what = `Frozen since ${agoText(since, now)}: ${silent} of ${of} hosts are silent at once. That looks like an outage of Muster or the network, so no host is started, retired or replaced.`
  if (!override || override.until <= now) return [what]
  return [what, `${override.by} has overridden that until ${whenText(override.until, now)}: ${override.why}.`]
}

function rolloutLines({ rollout, replacing, surge }: FleetStatus): string[] {
  if (!rollout || rollout.state === 'done') return []
  const asked = `asked by ${rollout.by}: ${rollout.why}`
  if (rollout.state === 'stopped') {
    return [
      `The rollout of spec ${rollout.specHash} has stopped by itself: ${rollout.reason}. ${rollout.left} hosts still run another spec and are left alone (${asked}).`,
    ]
  }
  return [
    `Rollout to spec ${rollout.specHash}: ${rollout.left} hosts left, ${replacing} under way, ${surge} beyond the wanted size meanwhile (${asked}).`,
  ]
}

const surplusLines = ({ extra, marks }: FleetStatus): string[] => [
  ...(extra > 0
    ? [`${extra} more hosts than wanted were asked for; the slowest go once enough are ready.`]
    : []),
  ...(marks.length > 0
    ? [
        `Marked to go first when the fleet shrinks: ${countSlots(marks) === 1 ? 'slot' : 'slots'} ${slotsText(marks)}.`,
      ]
    : []),
]

const slotsText = (ranges: SlotRange[]): string =>
  ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')

function stateOf(facts: FleetFacts, lines: HostLine[], ready: number, now: number): Explanation['state'] {
  const isPausedShort = facts.paused && ready !== facts.desired
  if (standsStill(facts, now) || isPausedShort || lines.some((line) => line.needsPerson)) return 'person'
  if (lines.length === 0 && facts.status?.rollout?.state !== 'rolling') return 'fine'
  return lines.some(({ phase }) => phase === 'waiting' || phase === 'silent') ? 'waiting' : 'working'
}

/** Until somebody acts, or for as long as nobody looks. */
const standsStill = (facts: FleetFacts, now: number): boolean =>
  facts.status?.rollout?.state === 'stopped' ||
  isFrozen(facts.status, now) ||
  isWorkerGone(facts, now) ||
  now - facts.updatedAt > STALE_MS

function nextLines({ paused, status }: FleetFacts, lines: HostLine[], now: number): string[] {
  const timed = lines.filter((line) => line.at !== undefined).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
  const soonest = timed[0]
  return [
    ...(soonest?.at !== undefined && soonest.next
      ? [`${soonest.host}: ${soonest.next} ${whenText(soonest.at, now)}`]
      : []),
    ...(isFrozen(status, now) ? ['When beats come back the fleet goes on by itself.'] : []),
    ...(paused ? ['Nothing until somebody resumes the fleet.'] : []),
    ...(!paused && status?.rollout?.state === 'stopped'
      ? ['The rollout stands still until somebody rolls back, applies a repaired spec, or rolls again.']
      : []),
  ]
}

function choices(facts: FleetFacts, lines: HostLine[], now: number): Explanation['youCan'] {
  const { name, paused, status, holds } = facts
  const refused = lines.some(({ needsPerson, phase }) => needsPerson && phase === 'waiting')
  return [
    ...(isWorkerGone(facts, now) ? [{ what: 'start a worker', command: 'muster worker --config FILE' }] : []),
    ...(paused ? [{ what: 'go on', command: `muster fleets resume ${name}` }] : []),
    ...(status?.frozen
      ? [{ what: 'act all the same for an hour', command: `muster fleets override-freeze ${name} --for 1h` }]
      : []),
    ...(status ? rolloutChoices(name, status) : []),
    ...holds.map(({ id }) => ({
      what: `end hold ${id}, once its cause is mended`,
      command: `muster holds release ${id}`,
    })),
    ...(refused ? [{ what: 'see what the cloud refuses', command: 'muster check --config FILE' }] : []),
  ]
}

function rolloutChoices(name: string, { rollout, previousSpecHash }: FleetStatus): Explanation['youCan'] {
  if (!rollout || rollout.state === 'done') return []
  const back = { what: `return to spec ${previousSpecHash}`, command: `muster fleets rollback ${name}` }
  const again = { what: 'try the rollout again', command: `muster fleets roll ${name}` }
  return [...(previousSpecHash ? [back] : []), ...(rollout.state === 'stopped' ? [again] : [])]
}
