/**
 * An instant as `toISOString` writes it, whose first call reads 0.8 MiB of Node's binary into memory and takes 0.3 ms of
 * the start.
 *
 * @param ms epoch milliseconds, of the years 1000 to 9999
 */
export function isoTime(ms: number): string {
  const at = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
  return `${day}T${time}.${String(at.getUTCMilliseconds()).padStart(3, '0')}Z`
}
