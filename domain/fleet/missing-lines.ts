import { clockText } from '../durations.ts'
import { parseHostId } from '../ids.ts'
import type { HostLine, OneHostLine } from './explain-host.ts'
import { countSlots, toRanges } from './slots.ts'

/** As many lines as a person reads; what is beyond is grouped, never left out. */
const MAX_SINGLE_LINES = 50

const slotText = (slot: number): string => String(slot).padStart(5, '0')

/** `212 hosts, 00051–00262` */
export function slotsName(slots: Iterable<number>): string {
  const ranges = toRanges(slots)
  const count = countSlots(ranges)
  const names = ranges.map(([from, to]) =>
    from === to ? slotText(from) : `${slotText(from)}–${slotText(to)}`,
  )
  return `${count} ${count === 1 ? 'host' : 'hosts'}, ${names.join(', ')}`
}

/** A line a host; where that would be too many, one for all hosts of one reason. */
export function missingLines(lines: OneHostLine[], now: number): HostLine[] {
  if (lines.length <= MAX_SINGLE_LINES) return lines.map(shown)
  const groups = Map.groupBy(lines, ({ phase, many, needsPerson }) =>
    JSON.stringify([phase, many, needsPerson]),
  )
  return [...groups.values()].map((group) => together(group, now))
}

const shown = ({ many: _many, since: _since, ...line }: OneHostLine): HostLine => line

function together(group: OneHostLine[], now: number): HostLine {
  const [first, ...others] = group
  if (!first) throw new Error('a group has hosts')
  if (others.length === 0) return shown(first)
  const { phase, many, needsPerson } = first
  const times = group.map(({ since }) => now - since)
  const lasts = [...new Set([Math.min(...times), Math.max(...times)].map(clockText))].join(' to ')
  return {
    host: slotsName(group.map(({ host }) => parseHostId(host).slot)),
    phase,
    why: `${many} (for ${lasts})`,
    needsPerson,
  }
}
