/** Inclusive ranges, sorted, apart from each other: a fleet of 5,000 slots is usually one pair of numbers. */
export type SlotRange = [from: number, to: number]

/** Any numbers → ranges. */
export function toRanges(slots: Iterable<number>): SlotRange[] {
  const ranges: SlotRange[] = []
  for (const slot of [...new Set(slots)].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && slot === last[1] + 1) last[1] = slot
    else ranges.push([slot, slot])
  }
  return ranges
}

export function expand(ranges: readonly SlotRange[]): number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
}

export const countSlots = (ranges: readonly SlotRange[]): number =>
  ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)

export const addSlots = (ranges: readonly SlotRange[], slots: Iterable<number>): SlotRange[] =>
  toRanges([...expand(ranges), ...slots])

export function removeSlots(ranges: readonly SlotRange[], slots: Iterable<number>): SlotRange[] {
  const out = new Set(slots)
  return toRanges(expand(ranges).filter((slot) => !out.has(slot)))
}

/** The lowest `count` numbers from 1 on that are in none of the ranges. */
export function lowestFree(taken: readonly SlotRange[], count: number): number[] {
  const used = new Set(expand(taken))
  const free: number[] = []
  for (let slot = 1; free.length < count; slot++) if (!used.has(slot)) free.push(slot)
  return free
}
