import { Client, Connection } from '@temporalio/client'
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nextTimes, translateCron } from '../../domain/cron/index.ts'
import type { CronDialect, CronScheduleSpec } from '../../domain/cron/index.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import type { DevServer } from '../../scripts/temporal/dev-server.ts'
import { EVERY, EXPRESSIONS, MORE_EXPRESSIONS, TELLING } from './expressions.ts'
import { expressionsOf } from './questions.ts'

const deep = process.env['MUSTER_DEEP'] !== undefined

/** The server answers with so many times at most (`maxListMatchingTimesCount`). */
const LISTED = 1_000
const ANCHOR = '2026-01-01T10:20:30Z'
const SEED = 1729
const LONG_MS = deep ? 900_000 : 120_000

/** By zone: from when to when, around its changes of clocks and over years for what fires seldom. */
type Windows = readonly (readonly [string, string])[]
const YEARS = ['2024-01-15T07:08:09Z', '2040-02-01T00:00:00Z'] as const

const ZONES: Readonly<Record<string, Windows>> = {
  UTC: [['2027-12-30T23:59:59Z', '2028-03-02T00:00:00Z'], YEARS],
  'Asia/Shanghai': [['2027-12-30T16:00:00Z', '2028-03-02T00:00:00Z'], YEARS],
  'America/New_York': [
    ['2026-03-08T06:50:00Z', '2026-03-10T06:00:00Z'],
    ['2026-03-06T05:00:00Z', '2026-03-17T05:00:00Z'],
    ['2026-11-01T05:50:00Z', '2026-11-01T09:00:00Z'],
    ['2026-10-30T05:00:00Z', '2026-11-10T05:00:00Z'],
    YEARS,
  ],
  'America/Sao_Paulo': [
    ['2018-11-04T02:50:00Z', '2018-11-06T03:00:00Z'],
    ['2018-11-01T12:00:00Z', '2018-11-13T00:00:00Z'],
    ['2018-02-18T00:50:00Z', '2018-02-18T06:00:00Z'],
    ['2018-02-16T00:00:00Z', '2018-02-25T00:00:00Z'],
    ['2007-06-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ],
}

/** Zones in which the server's own arithmetic goes wrong: what is not refused has to fire right all the same. */
const TROUBLED: Readonly<Record<string, Windows>> = {
  'Europe/Berlin': [
    ['2026-10-24T22:50:00Z', '2026-10-25T03:00:00Z'],
    ['2026-10-23T00:00:00Z', '2026-10-28T00:00:00Z'],
    ['2026-03-29T00:50:00Z', '2026-03-31T00:00:00Z'],
    YEARS,
  ],
  'America/Santiago': [
    ['2026-09-05T12:00:00Z', '2026-09-08T00:00:00Z'],
    ['2026-04-04T12:00:00Z', '2026-04-07T00:00:00Z'],
    YEARS,
  ],
}

const MORE_TROUBLED: Readonly<Record<string, Windows>> = {
  'Europe/London': [['2026-10-24T22:50:00Z', '2026-10-26T03:00:00Z'], YEARS],
  'Africa/Cairo': [
    ['2026-10-29T20:50:00Z', '2026-10-31T03:00:00Z'],
    ['2026-04-23T20:50:00Z', '2026-04-25T03:00:00Z'],
    YEARS,
  ],
  'Asia/Beirut': [['2026-10-24T20:00:00Z', '2026-10-26T03:00:00Z'], YEARS],
  // No years here: Morocco's rules changed in 2026, and the server's data may be newer than the runtime's.
  'Africa/Casablanca': [
    ['2025-02-22T22:00:00Z', '2025-02-24T03:00:00Z'],
    ['2026-02-14T22:00:00Z', '2026-03-23T03:00:00Z'],
  ],
  'America/Havana': [
    ['2026-03-07T20:00:00Z', '2026-03-09T20:00:00Z'],
    ['2026-10-31T20:00:00Z', '2026-11-02T20:00:00Z'],
    YEARS,
  ],
  'America/Nuuk': [['2026-03-28T20:00:00Z', '2026-03-30T00:00:00Z'], YEARS],
  'Atlantic/Azores': [['2026-10-24T20:00:00Z', '2026-10-26T00:00:00Z'], YEARS],
  'Australia/Sydney': [['2026-04-04T12:00:00Z', '2026-04-06T00:00:00Z'], YEARS],
  'Australia/Lord_Howe': [
    ['2026-04-04T12:00:00Z', '2026-04-06T00:00:00Z'],
    ['2026-10-03T12:00:00Z', '2026-10-05T00:00:00Z'],
    YEARS,
  ],
  'Pacific/Chatham': [['2026-04-04T12:00:00Z', '2026-04-06T00:00:00Z'], YEARS],
  'Antarctica/Troll': [['2026-10-24T20:00:00Z', '2026-10-26T03:00:00Z'], YEARS],
}

/** Those of the generated expressions that are right. */
function generated(count: number): string[] {
  return expressionsOf(SEED, count).filter((expression) => {
    try {
      translateCron(expression, { timezone: 'UTC', anchor: ANCHOR })
      return true
    } catch {
      return false
    }
  })
}

let server: DevServer
let connection: Connection
let client: Client

beforeAll(async () => {
  server = await startTemporalDevServer({
    cli: await findTemporalCli(),
    headless: true,
    searchAttributes: {},
  })
  connection = await Connection.connect({ address: server.address })
  client = new Client({ connection })
})

afterAll(async () => {
  await connection.close()
  await server.stop()
})

let made = 0

/** The firing times that the server itself computes, in seconds since 1970, for each window. */
async function serverTimes(spec: CronScheduleSpec, windows: Windows): Promise<number[][]> {
  const scheduleId = `cron-${(made += 1)}`
  await client.schedule.create({
    scheduleId,
    spec,
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
    state: { paused: true },
  })
  const answers: number[][] = []
  // One after another: the server's queries of one schedule wait for each other, now and then for seconds.
  for (const [start, end] of windows) {
    const { startTime } = await connection.workflowService.listScheduleMatchingTimes({
      namespace: 'default',
      scheduleId,
      startTime: msToTs(Date.parse(start)),
      endTime: msToTs(Date.parse(end)),
    })
    answers.push(startTime.map((time) => tsToMs(time) / 1000))
  }
  return answers
}

interface Outcome {
  taken: number
  times: number
  refused: string[]
  wrong: string[]
}

/** Compares every expression in one zone, a few at a time. */
async function compareAll(
  expressions: readonly string[],
  timezone: string,
  windows: Windows,
  dialect: CronDialect = 'robfig-v1',
): Promise<Outcome> {
  const outcome: Outcome = { taken: 0, times: 0, refused: [], wrong: [] }
  // One that is drawn twice is asked, and counts, once.
  const queue = [...new Set(expressions)]
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await compareOne(next, { timezone, windows, dialect }, outcome)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  return outcome
}

async function compareOne(
  expression: string,
  { timezone, windows, dialect }: { timezone: string; windows: Windows; dialect: CronDialect },
  outcome: Outcome,
) {
  const options = { timezone, anchor: ANCHOR, dialect }
  let spec
  try {
    ;({ spec } = translateCron(expression, options))
  } catch {
    outcome.refused.push(expression)
    return
  }
  outcome.taken += 1
  const answers = await serverTimes(spec, windows)
  for (const [index, [start, end]] of windows.entries()) {
    const theirs = answers[index] ?? []
    const ours = nextTimes(expression, { ...options, from: start, count: LISTED })
      .map((time) => time.getTime() / 1000)
      .filter((time) => time <= Date.parse(end) / 1000)
    outcome.times += theirs.length
    const at = ours.findIndex((time, place) => time !== theirs[place])
    if (at < 0 && ours.length === theirs.length) continue
    const place = at < 0 ? ours.length : at
    const say = (time: number | undefined) =>
      time === undefined ? 'none' : new Date(time * 1000).toISOString()
    outcome.wrong.push(
      `${expression} ${timezone} from ${start}: ours ${say(ours[place])}, server ${say(theirs[place])}`,
    )
  }
}

const all = [...EXPRESSIONS, ...EVERY, ...MORE_EXPRESSIONS, ...generated(deep ? 1_000 : 220)]
/** The same without their seconds, as the other dialect has it. */
const FIVE_FIELDS = [...EXPRESSIONS, ...MORE_EXPRESSIONS]
  .filter(hasSeconds)
  .map((text) => text.replace(/^\S+\s+/, ''))
  .filter((text, at, all) => all.indexOf(text) === at)
  .slice(0, deep ? undefined : 50)

function hasSeconds(text: string): boolean {
  return text.trim().split(/\s+/).length === 6
}

describe("against the server's own answers", () => {
  test.each(Object.entries(ZONES))(
    'every schedule fires at the next times in %s',
    async (timezone, windows) => {
      const { taken, times, refused, wrong } = await compareAll(all, timezone, windows)
      expect(wrong).toEqual([])
      expect(refused).toEqual([])
      expect(taken).toBeGreaterThanOrEqual(200)
      expect(times).toBeGreaterThan(taken * 50)
    },
    LONG_MS,
  )

  test.each(Object.entries(ZONES))(
    'every five-field schedule fires at the next times in %s',
    async (timezone, windows) => {
      const { taken, times, refused, wrong } = await compareAll(FIVE_FIELDS, timezone, windows, 'standard')
      expect(wrong).toEqual([])
      expect(refused).toEqual([])
      expect(taken).toBeGreaterThanOrEqual(40)
      expect(times).toBeGreaterThan(taken * 10)
    },
    LONG_MS,
  )

  test.each(Object.entries(deep ? { ...TROUBLED, ...MORE_TROUBLED } : TROUBLED))(
    'what is taken fires at the next times in %s, and the rest is refused',
    async (timezone, windows) => {
      const expressions = [...new Set(deep ? [...TELLING, ...EXPRESSIONS, ...MORE_EXPRESSIONS] : TELLING)]
      const { taken, refused, wrong } = await compareAll(expressions, timezone, windows)
      expect(wrong).toEqual([])
      expect(taken).toBeGreaterThanOrEqual(9)
      expect(taken + refused.length).toBe(expressions.length)
    },
    LONG_MS,
  )

  test('the last year ends on both sides at the same time', async () => {
    const windows: Windows = [['2100-12-31T12:00:00Z', '2101-01-03T00:00:00Z']]
    for (const timezone of ['America/New_York', 'UTC', 'Asia/Tokyo']) {
      const { wrong, times } = await compareAll(['0 0 * * * *', '59 59 23 31 12 *'], timezone, windows)
      expect(wrong).toEqual([])
      expect(times).toBeGreaterThan(2)
    }
  })

  test('hours and weekdays that the server gets wrong by itself are put right', async () => {
    const plain = (timezone: string, hour: number, minute: number, dayOfWeek: 'SATURDAY' | 'SUNDAY') => ({
      calendars: [{ hour, minute, dayOfWeek }],
      timezone,
    })
    const autumn: Windows = [['2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z']]
    const berlin = await connectionTimes(plain('Europe/Berlin', 1, 30, 'SUNDAY'), autumn)
    expect(berlin).toEqual(['2026-10-24T23:30:00.000Z', '2026-10-25T00:30:00.000Z'])
    const { spec } = translateCron('0 30 1 * * SUN', { timezone: 'Europe/Berlin' })
    expect(await connectionTimes(spec, autumn)).toEqual(['2026-10-24T23:30:00.000Z'])

    const spring: Windows = [['2026-09-06T00:00:00Z', '2026-09-08T00:00:00Z']]
    const santiago = plain('America/Santiago', 12, 0, 'SATURDAY')
    expect(await connectionTimes(santiago, spring)).toEqual(['2026-09-06T15:00:00.000Z'])
    const right = translateCron('0 0 12 * * SAT', { timezone: 'America/Santiago' })
    expect(await connectionTimes(right.spec, spring)).toEqual([])
  })
})

async function connectionTimes(spec: object, windows: Windows): Promise<string[]> {
  const [times = []] = await serverTimes(spec as CronScheduleSpec, windows)
  return times.map((time) => new Date(time * 1000).toISOString())
}
