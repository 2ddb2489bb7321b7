import { median, medianRatio, rounded } from '../numbers.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'
import { onGround } from '../support/ground.ts'
import { startLives, type LifeKind, type Lives } from '../support/lives.ts'
import { inFlight, numbersFrom } from '../support/pool.ts'

const KINDS = ['host', 'bare', 'plain'] as const
const BARE_SHARE = 0.5
const PLAIN_SHARE = 0.9

/**
 * Host workflows and two rivals, each with activities that answer at once and messages that come when they are waited
 * for: neither cloud nor API nor store takes part. What is compared is the workflow's own cost with Temporal's.
 */
export const lives: Bench = { id: 'lives', about: 'whole host lives per second', run }

async function run(context: BenchContext): Promise<Finding> {
  const { perRound, inFlight: atOnce, rounds } = context.counts.lives
  const rates: Record<LifeKind, number[]> = { host: [], bare: [], plain: [] }
  const cpu: Record<LifeKind, number[]> = { host: [], bare: [], plain: [] }
  await onGround(context, async (ground) => {
    const started = await startLives(context, ground)
    for (const kind of KINDS) await round(started, kind, 1, Math.ceil(perRound / 5), atOnce) // nothing is warm at first
    for (let n = 1; n <= rounds; n += 1) {
      for (const kind of KINDS) {
        const { rate, cpuMs } = await round(started, kind, n * 10_000, perRound, atOnce)
        rates[kind].push(rate)
        cpu[kind].push(cpuMs)
      }
      const shown = KINDS.map((kind) => `${kind} ${rounded(rates[kind].at(-1) ?? 0)}/s`)
      context.say(`lives: round ${n} of ${rounds}: ${shown.join(', ')}`)
    }
  })
  const [value, bare, plain] = KINDS.map((kind) => rounded(median(rates[kind])))
  const toBare = medianRatio(rates.host, rates.bare)
  const toPlain = medianRatio(rates.host, rates.plain)
  const cost = KINDS.map((kind) => rounded(median(cpu[kind]))).join(', ')
  return {
    value: value ?? 0,
    unit: 'lives/s',
    against: `a bare workflow ${bare}; the same commands written plainly ${plain} (${rounded(toPlain)} ×); CPU of the worker per life ${cost} ms`,
    ratio: rounded(toBare),
    budget: `≥ ${BARE_SHARE} × bare, ≥ ${PLAIN_SHARE} × the same commands`,
    met: toBare >= BARE_SHARE && toPlain >= PLAIN_SHARE,
  }
}

async function round(
  started: Lives,
  kind: LifeKind,
  first: number,
  count: number,
  atOnce: number,
): Promise<{ rate: number; cpuMs: number }> {
  const worker = started.workers[kind === 'host' ? 'host' : 'rivals']
  const before = await worker.usage()
  const began = performance.now()
  await inFlight(numbersFrom(first, count), atOnce, (slot) => started.live(kind, slot))
  const seconds = (performance.now() - began) / 1_000
  const after = await worker.usage()
  return { rate: count / seconds, cpuMs: (after.cpuMs - before.cpuMs) / count }
}
