import type { CronDialect } from '../../domain/cron/index.ts'

/** One thing to ask the Go library. */
export interface Question {
  expression: string
  dialect: CronDialect
  timezone: string
  /** Seconds since 1970. */
  from: number
  count: number
}

/** Days, UTC, around which each zone is asked more often than at other times: its changes of clocks. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  UTC: ['2016-02-28', '2019-12-31', '2024-02-29'],
  'Asia/Shanghai': ['2024-02-28', '2025-12-31'],
  'America/New_York': ['2024-03-10', '2024-11-03', '2026-03-08', '2026-11-01'],
  'America/Sao_Paulo': ['2017-10-15', '2018-02-18', '2018-11-04', '2019-02-17'],
  'Europe/Berlin': ['2024-03-31', '2024-10-27'],
  'Asia/Kolkata': ['2026-06-30'],
}

/** mulberry32: small, even enough, the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Dice {
  /** A whole number, both ends included. */
  between(low: number, high: number): number
  chance(part: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
}

function diceOf(random: () => number): Dice {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  return {
    between,
    chance: (part) => random() < part,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
  }
}

/** The same questions for the same seed. */
export function questionsOf(seed: number, count: number): Question[] {
  const dice = diceOf(randomOf(seed))
  return [...DEFECTS, ...Array.from({ length: count }, () => questionOf(dice))]
}

/** Known defects of v1.2.0: years without an answer, a day lost with its midnight, and then its whole year. */
const DEFECTS: readonly Question[] = [
  ...['0 0 0 29 2 0', '0 0 0 29 2 ?', '0 0 0 29 2 */7'].map((expression) => ({
    expression,
    dialect: 'robfig-v1' as const,
    timezone: 'UTC',
    from: Date.UTC(2024, 2) / 1000,
    count: 2,
  })),
  ...['0 12 4 11 *', '0 0 5 11 *', '30 0 5 11 *', '0 12 * * 0', '0 12 3 11 *'].map((expression) => ({
    expression,
    dialect: 'standard' as const,
    timezone: 'America/Sao_Paulo',
    from: Date.UTC(2018, 10, 1, 12) / 1000,
    count: 3,
  })),
]

/** Expressions alone, in the dialect `robfig-v1`; some of them are wrong. */
export function expressionsOf(seed: number, count: number): string[] {
  const dice = diceOf(randomOf(seed))
  return Array.from({ length: count }, () => expressionOf(dice, 'robfig-v1'))
}

function questionOf(dice: Dice): Question {
  const dialect = dice.chance(0.25) ? 'standard' : 'robfig-v1'
  const [timezone, days] = dice.pick(Object.entries(ZONES) as [[string, string[]]])
  const near = Date.parse(dice.pick(days as [string, ...string[]])) / 1000 + dice.between(-86_400, 172_800)
  const anywhere = dice.between(Date.UTC(2015, 0) / 1000, Date.UTC(2034, 0) / 1000)
  const from = dice.chance(0.6) ? near : anywhere
  return { expression: expressionOf(dice, dialect), dialect, timezone, from, count: 6 }
}

const WORDS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'] as const

function expressionOf(dice: Dice, dialect: CronDialect): string {
  if (dice.chance(0.03)) return dice.pick(WORDS)
  if (dice.chance(0.06)) return `@every ${durationOf(dice)}`
  if (dice.chance(0.06)) return wrongOf(dice, dialect)
  const fields = [
    dice.chance(0.5) ? '0' : fieldOf(dice, 0, 59),
    fieldOf(dice, 0, 59),
    fieldOf(dice, 0, 23),
    dice.chance(0.4) ? dice.pick(['*', '?']) : fieldOf(dice, 1, 31),
    dice.chance(0.6) ? '*' : fieldOf(dice, 1, 12, MONTHS),
    dice.chance(0.4) ? dice.pick(['*', '?']) : fieldOf(dice, 0, 6, DAYS),
  ]
  if (dialect === 'standard') fields.shift()
  else if (dice.chance(0.1)) fields.pop()
  return fields.join(dice.chance(0.05) ? ' \t ' : ' ')
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function fieldOf(dice: Dice, min: number, max: number, names: readonly string[] = []): string {
  const items = Array.from({ length: dice.chance(0.7) ? 1 : dice.between(2, 4) }, () =>
    itemOf(dice, min, max, names),
  )
  if (dice.chance(0.03)) items.splice(dice.between(0, items.length), 0, '')
  // A lone comma in the finer fields keeps the Go library searching for seconds.
  if (max < 32 && dice.chance(0.005)) return ','
  return items.join(',')
}

function itemOf(dice: Dice, min: number, max: number, names: readonly string[]): string {
  const say = (value: number) => {
    const name = dice.chance(0.4) ? names[value - min] : undefined
    if (name !== undefined) return dice.chance(0.5) ? name.toUpperCase() : name
    return dice.chance(0.03) ? `${dice.pick(['+', '0', '00'])}${value}` : String(value)
  }
  const low = dice.between(min, max)
  const step = dice.chance(0.05) ? dice.between(1, 200) : dice.between(1, Math.ceil(max / 2))
  const kind = dice.between(0, 9)
  if (kind < 4) return say(low)
  if (kind < 6) return `${say(low)}-${say(dice.between(low, max))}`
  if (kind < 7) return `${say(low)}-${say(dice.between(low, max))}/${step}`
  if (kind < 8) return `${say(low)}/${step}`
  if (kind < 9) return `${dice.pick(['*', '?'])}/${step}`
  return dice.chance(0.1) ? '*-5' : dice.pick(['*', '?'])
}

function durationOf(dice: Dice): string {
  if (dice.chance(0.2)) {
    return dice.pick([
      '0',
      '-5m',
      '500ms',
      '1.9s',
      '1.5h',
      '.5h',
      '1d',
      '5',
      '',
      '1h 30m',
      '1us',
      '3µs',
      '2540400h',
    ])
  }
  const parts = [`${dice.between(1, 30)}h`, `${dice.between(1, 90)}m`, `${dice.between(1, 90)}s`]
  return parts.filter((_, index) => index === 1 || dice.chance(0.4)).join('')
}

const WRONG =
  '60 24 32 13 7 -1 5- -5 10-5 sat-sun */0 */-1 1-2-3 1/2/3 L 15W 5#2 1.5 monday MON x */x 0x10 1_0 99999999999999999999 *5 0'

/** Something the Go library refuses, most of the time. */
function wrongOf(dice: Dice, dialect: CronDialect): string {
  const bad = dice.pick(WRONG.split(' ') as [string])
  const fields = dialect === 'standard' ? ['0', '0', '1', '1', '*'] : ['0', '0', '0', '1', '1', '*']
  if (dice.chance(0.15)) return `${dice.pick(['TZ=UTC', 'CRON_TZ=UTC', '0'])} 0 ${fields.join(' ')}`
  if (dice.chance(0.1))
    return dice.pick(['', ' ', '@reboot', '@Daily', ' @daily', '@every', '@every  1h', '* * *'])
  fields[dice.between(0, fields.length - 1)] = bad
  return fields.join(' ')
}

/** What the stored answers of the library answer. */
export const ANSWERED = { seed: 20180505, count: 2_600 }
