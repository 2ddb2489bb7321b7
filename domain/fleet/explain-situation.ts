import { subjectText } from '../breaker/hold.ts'
import type { FleetFacts } from './explain.ts'
import { isStale, isWorkerGone } from './fleet-condition.ts'
import { countSlots, type SlotRange } from './slots.ts'
import type { FleetStatus } from './types.ts'
import { agoText, whenText } from './when-text.ts'

/** What holds for the whole fleet, a line each. */
export function explainSituation(facts: FleetFacts, now: number): string[] {
  const { paused, status, holds, updatedAt, note } = facts
  const lines: string[] = []
  if (isWorkerGone(facts, now)) lines.push(workerLine(facts, now))
  if (isStale(facts, now)) {
    lines.push(`What follows may be old: the fleet last told something ${agoText(updatedAt, now)}.`)
  }
  if (paused) {
    lines.push(`Paused: no host is started, retired or replaced. Hosts that run go on. (${note})`)
  }
  if (status) lines.push(...freezeLines(status, now), ...rolloutLines(status), ...surplusLines(status))
  lines.push(...holds.map((hold) => holdLine(hold, now)))
  if (!paused) lines.push(`Last change: ${note}.`)
  return lines
}

function workerLine({ workerSeen }: FleetFacts, now: number): string {
  const since = typeof workerSeen === 'number' ? ` since ${agoText(workerSeen, now)}` : ''
  return `No worker asks for work${since}: nothing is started, retired or replaced, and no boot deadline is kept, until one runs.`
}

const holdLine = (hold: FleetFacts['holds'][number], now: number): string =>
  `Hold ${hold.id} stops launches of ${subjectText(hold)}: ${hold.reason}; one host may try ${whenText(hold.until, now)}.`

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

function surplusLines({ extra, marks }: FleetStatus): string[] {
  const lines: string[] = []
  if (extra > 0) {
    lines.push(`${extra} more hosts than wanted were asked for; the slowest go once enough are ready.`)
  }
  if (marks.length > 0) {
    const slots = countSlots(marks) === 1 ? 'slot' : 'slots'
    lines.push(`Marked to go first when the fleet shrinks: ${slots} ${slotsText(marks)}.`)
  }
  return lines
}

const slotsText = (ranges: SlotRange[]): string =>
  ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
