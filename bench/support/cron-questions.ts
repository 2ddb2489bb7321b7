/** What a cron library is asked: an expression in a time zone. */
export interface CronQuestion {
  expression: string
  timezone: string
}

const SECONDS = ['0', '*/10', '30', '5,35', '*'] as const
const MINUTES = ['0', '*/5', '15,45', '*', '7-59/13'] as const
const HOURS = ['*', '3', '8-18', '*/6', '0,12', '22'] as const
const DAYS = ['*', '1', '1-7', '15,31', '*/2', '29'] as const
const MONTHS = ['*', '1-6', 'JAN,JUL', '2', '*'] as const
const WEEKDAYS = ['*', 'MON-FRI', '0', '6,0', '1', '*'] as const
const ZONES = ['Asia/Shanghai', 'UTC', 'America/New_York', 'America/Sao_Paulo'] as const
const EXPRESSIONS = 240

const turn = (texts: readonly string[], n: number): string => texts[Math.floor(n) % texts.length] ?? '*'

/** Every kind of field with every other kind, in the zones whose users we know; no expression twice. */
export function cronQuestions(): CronQuestion[] {
  const expressions = Array.from({ length: EXPRESSIONS }, (_, n) =>
    [
      turn(SECONDS, n),
      turn(MINUTES, n * 2 + Math.floor(n / 5)),
      turn(HOURS, n + Math.floor(n / 6)),
      turn(DAYS, n + Math.floor(n / 4)),
      turn(MONTHS, n + Math.floor(n / 7)),
      turn(WEEKDAYS, n * 5 + Math.floor(n / 3)),
    ].join(' '),
  )
  return [...new Set(expressions)].flatMap((expression) =>
    ZONES.map((timezone) => ({ expression, timezone })),
  )
}
