import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { nextTimes } from '../../domain/cron/index.ts'
import { zoneOf } from '../../domain/cron/zone.ts'
import { askGo, buildGo, storeAnswers, storedAnswers } from './go-library.ts'
import type { Answered } from './go-library.ts'
import { ANSWERED, questionsOf, type Question } from './questions.ts'

const DAY = 86_400
const TEMPORAL_ENDS = Date.UTC(2101, 0) / 1000

const folder = mkdtempSync(join(tmpdir(), 'muster-cron-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const program = join(folder, 'ask')
const unbuilt = buildGo(program)
const isLive = unbuilt === undefined

// Rewrites the stored answers: MUSTER_UPDATE_ANSWERS=1, Go installed.
if (process.env['MUSTER_UPDATE_ANSWERS'] !== undefined)
  storeAnswers(askGo(program, questionsOf(ANSWERED.seed, ANSWERED.count)))

/** Others than those stored; more of them where there is time. */
const LIVE =
  process.env['MUSTER_DEEP'] === undefined ? { seed: 1971, count: 2_600 } : { seed: 2038, count: 50_000 }

/** Why the library's next time is known not to be what its own documentation says, or undefined when it must be ours. */
function knownDefect(question: Answered, after: number, go: number | undefined, ours: number | undefined) {
  if (go === undefined && ours !== undefined && yearIn(ours, question) > yearIn(after, question) + 5) {
    return 'gives up after five years'
  }
  const until = Math.max(go ?? Infinity, ours ?? 0)
  return midnightGaps(question.timezone).some((gap) => gap > after - DAY && gap <= until)
    ? 'loses its way on a day without a midnight'
    : undefined
}

const yearIn = (seconds: number, { timezone }: Answered) =>
  new Date((seconds + zoneOf(timezone).stretchAt(seconds).offset) * 1000).getUTCFullYear()

/** The instants from 2014 to 2040 at which a zone's clocks jump over midnight. */
function midnightGaps(timezone: string): number[] {
  const gaps: number[] = []
  const zone = zoneOf(timezone)
  const until = Date.UTC(2040, 0) / 1000
  for (let stretch = zone.stretchAt(Date.UTC(2014, 0) / 1000); stretch.end < until;) {
    const next = zone.stretchAt(stretch.end)
    const before = stretch.end + stretch.offset
    if (Math.ceil(before / DAY) * DAY < stretch.end + next.offset) gaps.push(stretch.end)
    stretch = next
  }
  return gaps
}

interface Comparison {
  compared: number
  refused: number
  defects: Map<string, number>
  wrong: string[]
}

function compare(answered: readonly Answered[]): Comparison {
  const result: Comparison = { compared: 0, refused: 0, defects: new Map(), wrong: [] }
  for (const question of answered) {
    if (question.error !== undefined) {
      result.refused += 1
      if (!isRefused(question)) result.wrong.push(`taken: ${JSON.stringify(question)}`)
    } else {
      compareTimes(question, result)
    }
  }
  return result
}

/** Step by step from the library's own times, so that one defect does not hide what follows it. */
function compareTimes(question: Answered, result: Comparison): void {
  const times = question.times ?? []
  const { expression, dialect, timezone, from, count } = question
  for (let step = 0; step < Math.min(count, times.length + 1); step += 1) {
    const after = step === 0 ? from : (times[step - 1] ?? from)
    const go = times[step]
    const [next] = nextTimes(expression, { timezone, dialect, from: after * 1000, count: 1 })
    const ours = next === undefined ? undefined : next.getTime() / 1000
    result.compared += 1
    if (ours === go || (ours === undefined && (go ?? 0) >= TEMPORAL_ENDS)) continue
    const defect = knownDefect(question, after, go, ours)
    if (defect === undefined)
      result.wrong.push(`${after}: Go ${go}, ours ${ours}: ${JSON.stringify(question)}`)
    else result.defects.set(defect, (result.defects.get(defect) ?? 0) + 1)
  }
}

function isRefused({ expression, dialect, timezone, from }: Answered): boolean {
  try {
    nextTimes(expression, { timezone, dialect, from: from * 1000, count: 1 })
    return false
  } catch {
    return true
  }
}

/** What matters of a comparison. */
function judge(answered: readonly Answered[]) {
  const { compared, refused, defects, wrong } = compare(answered)
  const differing = new Set(answered.map(({ expression }) => expression)).size
  return {
    wrong,
    isEnough: differing >= 2_000 && compared > 12_000 && refused > 50,
    defects: [...defects.keys()].toSorted(),
    areDefectsFew: [...defects.values()].every((times) => times / compared < 0.02),
  }
}

const RIGHT = {
  wrong: [],
  isEnough: true,
  // The known defects are really there.
  defects: ['gives up after five years', 'loses its way on a day without a midnight'],
  areDefectsFew: true,
}

const how = isLive ? 'asked now' : `by its stored answers alone (${unbuilt})`

describe(`against robfig/cron v1.2.0, ${how}`, () => {
  test('next times and refusals are those of the unmodified Go library', () => {
    expect(judge(storedAnswers())).toEqual(RIGHT)
    const others = isLive ? askGo(program, questionsOf(LIVE.seed, LIVE.count)) : storedAnswers()
    expect(judge(others)).toEqual(RIGHT)
  })

  test('the stored answers are what it says', () => {
    const stored = storedAnswers()
    const now = isLive ? askGo(program, questionsOf(ANSWERED.seed, ANSWERED.count)) : stored
    // Without it they are at least the answers to the questions of today.
    expect(now.map(questionOf)).toEqual(questionsOf(ANSWERED.seed, ANSWERED.count))
    expect(now).toEqual(stored)
  })
})

const questionOf = ({ error: _error, times: _times, ...question }: Answered): Question => question
