const UNITS_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  // U+00B5 micro sign and U+03BC Greek letter mu.
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Go keeps durations in 64 signed bits of nanoseconds: about 292 years. */
const LIMIT = 2n ** 63n

/**
 * Reads a duration as Go's `time.ParseDuration` does: `1h30m`, `1.5h`, `-2s`, `300ms`; `0` needs no unit.
 * @returns nanoseconds, or undefined when Go would refuse the text
 */
export function parseGoDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-')
  const body = /^[+-]/.test(text) ? text.slice(1) : text
  if (body === '0') return 0n
  const totalNs = body === '' ? undefined : sumOf(body)
  if (totalNs === undefined || (!negative && totalNs === LIMIT)) return undefined
  return negative ? -totalNs : totalNs
}

/** The sum of `1h30m`, without a sign; undefined when a part is none or the sum is out of range. */
function sumOf(body: string): bigint | undefined {
  const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y
  let total = 0n
  while (part.lastIndex < body.length) {
    const [, digits = '', fraction = '', unit = ''] = part.exec(body) ?? []
    const unitNs = Object.hasOwn(UNITS_NS, unit) ? UNITS_NS[unit] : undefined
    if (unitNs === undefined || `${digits}${fraction}` === '') return undefined
    const valueNs = BigInt(digits || 0) * unitNs
    total += valueNs + fractionNs(fraction, unitNs)
    if (total > LIMIT) return undefined
  }
  return total
}

/** Go multiplies the fraction's digits, as many as 63 bits hold, by a float: so do we, to the same nanosecond. */
function fractionNs(digits: string, unitNs: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit)
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unitNs) / scale)))
}
