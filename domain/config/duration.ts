/** What people write: days, hours, minutes and seconds in this order, as `1h30m` or as ISO-8601 `PT1H30M`. */
export const DURATION =
  /^(?:(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,9}s)?|P(?=\d|T\d)(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,9}S)?)?)$/

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }

/** `20m`, `1h30m`, `PT90S` → ms; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  const parts = text.matchAll(/(\d+)([dhms])/gi)
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * unitMs(unit), 0)
}

const unitMs = (unit: string | undefined): number => UNIT_MS[unit?.toLowerCase() ?? ''] ?? 0

/** 5_400_000 → `1h30m`: whole seconds, as the config file has them. */
export function durationText(ms: number): string {
  let left = ms
  const parts = Object.entries(UNIT_MS).map(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('') || '0s'
}
