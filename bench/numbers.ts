/** The value below which `share` (0 to 1) of the values lie, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** Median of the quotients of each round: what disturbed the machine in a round has disturbed both sides of it. */
export const medianRatio = (values: readonly number[], rivals: readonly number[]): number =>
  median(values.map((value, index) => value / (rivals[index] ?? Number.NaN)))

/** Three significant digits, whole numbers whole: more would be noise. */
export const rounded = (value: number): number =>
  Number.isInteger(value) ? value : Number(value.toPrecision(3))
