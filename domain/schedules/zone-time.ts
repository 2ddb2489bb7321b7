/** "Tue 2026-11-24 20:00:00": what the clock on the zone's wall shows. */
export function zoneTime(at: Date, timezone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((one) => one.type === type)?.value ?? ''
  const date = [part('year'), part('month'), part('day')].join('-')
  return `${part('weekday')} ${date} ${[part('hour'), part('minute'), part('second')].join(':')}`
}
