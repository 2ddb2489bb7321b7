import { parseHostId } from '../ids.ts'
import type { FleetFacts } from './explain.ts'
import type { HostLine } from './explain-host.ts'
import { isFrozen, isStale, isWorkerGone } from './fleet-condition.ts'
import { slotsName } from './missing-lines.ts'
import { addSlots, expand, lowestFree } from './slots.ts'

/**
 * Missing hosts that have no row: one line for those that have been started and have not written yet, and one for those
 * that are still to be started.
 */
export function unstartedLines(facts: FleetFacts, now: number): HostLine[] {
  const { desired, hosts, slots, paused } = facts
  const written = new Set(hosts.map(({ host }) => parseHostId(host).slot))
  const staying = hosts.filter(({ wish }) => wish !== 'retire').length
  const missing = Math.max(0, desired - staying)
  const started = expand(slots)
    .filter((slot) => !written.has(slot))
    .slice(0, missing)
  const toStart = lowestFree(addSlots(slots, written), missing - started.length)
  const lines: HostLine[] = []
  if (started.length > 0) {
    const why = whyUnwritten(facts, now)
    lines.push({ host: slotsName(started), phase: 'launching', why, needsPerson: false })
  }
  if (toStart.length > 0) {
    const why = whyNotStarted(facts, now)
    lines.push({ host: slotsName(toStart), phase: 'not started', why, needsPerson: paused })
  }
  return lines
}

const whyUnwritten = (facts: FleetFacts, now: number): string =>
  `told to start: nothing is known of ${isWorkerGone(facts, now) ? 'them, and no worker runs that could begin' : 'them yet'}`

function whyNotStarted(facts: FleetFacts, now: number): string {
  const { paused, status } = facts
  if (paused) return 'the fleet is paused: nothing is started'
  if (isWorkerGone(facts, now)) return 'no worker runs that could start them'
  if (isStale(facts, now)) return 'the fleet has not looked at its hosts lately; does a worker run?'
  if (isFrozen(status, now)) return 'the fleet is frozen: nothing is started'
  if (status?.overshoot) {
    const { live, limit } = status.overshoot
    return `${live} hosts live where at most ${limit} may: launches wait until some that are on their way out are gone`
  }
  return 'to be started with the next look, within 30 seconds'
}
