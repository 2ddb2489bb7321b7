import { median, medianRatio, rounded } from '../numbers.ts'
import type { Bench, BenchContext, Row } from '../row.ts'
import { cronQuestions, type CronQuestion } from '../support/cron-questions.ts'
import { OURS, RIVALS, type CronSide } from '../support/cron-sides.ts'
import { cronLate } from './cron-late.ts'

const BUDGET = 1
/** Answers count as the same when so many next times are. */
const COMPARED = 20
/** What `muster schedules` shows of each schedule. */
const SHOWN = 5
const SIDES = [OURS, ...RIVALS]

/** Reading expressions and finding their next times, compared with two cron packages, and how late a schedule fires. */
export const cron: Bench = { id: 'cron', about: 'cron expressions, and how late a schedule fires', run }

async function run(context: BenchContext): Promise<Row[]> {
  const taken = takenByAll()
  context.say(`cron: ${taken.words}`)
  return [
    compare(context, 'cron-translate', taken, (side, question) => side.translate(question)),
    compare(context, 'cron-next', taken, (side, question) => side.next(question, SHOWN)),
    { id: 'cron-late', ...(await cronLate(context)) },
  ]
}

interface Taken {
  questions: CronQuestion[]
  words: string
}

/** Those that every side takes; `words` says how many of them have not the same answer on all. */
function takenByAll(): Taken {
  const all = cronQuestions()
  const questions: CronQuestion[] = []
  let differing = 0
  for (const question of all) {
    const answers = SIDES.map((side) => answerOf(side, question))
    if (answers.includes(undefined)) continue
    questions.push(question)
    if (new Set(answers).size > 1) differing += 1
  }
  const words = `the ${questions.length} of ${all.length} expressions in a zone that all take, ${differing} of them with different answers`
  return { questions, words }
}

/** The next times in one text; undefined for a question that this side does not take. */
function answerOf(side: CronSide, question: CronQuestion): string | undefined {
  try {
    side.translate(question)
    return side.next(question, COMPARED).map(Number).join(' ')
  } catch {
    return undefined // refused: that is an answer here
  }
}

/** In turns, by CPU time: what else the machine does is not counted. */
function compare(
  context: BenchContext,
  id: string,
  { questions, words }: Taken,
  work: (side: CronSide, question: CronQuestion) => unknown,
): Row {
  const { perRoundMs, rounds } = context.counts.cron
  const rates = new Map<CronSide, number[]>(SIDES.map((side) => [side, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of SIDES) {
      const rate = perSecond(questions, perRoundMs, (question) => work(side, question))
      if (round > 0) rates.get(side)?.push(rate) // the first warms the compiler up
    }
  }
  const of = (side: CronSide): number[] => rates.get(side) ?? []
  const [fastest = OURS] = RIVALS.toSorted((a, b) => median(of(b)) - median(of(a)))
  const ratio = medianRatio(of(OURS), of(fastest))
  const figures = RIVALS.toSorted((a) => (a === fastest ? -1 : 1)).map(
    (side) => `${side.name} ${Math.round(median(of(side)))}`,
  )
  context.say(`${id}: ${Math.round(median(of(OURS)))} a CPU second; ${figures.join(', ')}`)
  return {
    id,
    value: Math.round(median(of(OURS))),
    unit: 'a CPU second',
    against: `${figures.join(', ')}; ${words}`,
    ratio: rounded(ratio),
    budget: `≥ ${BUDGET} × the faster`,
    met: ratio >= BUDGET,
  }
}

/** Questions answered in a second of this process's CPU time, whole passes over all of them. */
function perSecond(
  questions: readonly CronQuestion[],
  leastMs: number,
  answer: (question: CronQuestion) => unknown,
): number {
  let answered = 0
  const before = cpuMs()
  let tookMs = 0
  do {
    for (const question of questions) answer(question)
    answered += questions.length
    tookMs = cpuMs() - before
  } while (tookMs < leastMs)
  return (answered / tookMs) * 1_000
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
