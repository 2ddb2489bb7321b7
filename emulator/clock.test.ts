import { expect, test } from 'vitest'
import { createClock, policyDelayMs } from './clock.ts'
import { createRandom } from './random.ts'

function fail(error: unknown): never {
  throw error
}

test('what falls due runs in the order of its time, and of its making when equal', () => {
  const clock = createClock(() => 1000, fail)
  const seen: string[] = []
  const random = createRandom('order')
  const times = Array.from({ length: 200 }, () => 1000 + random.integer(50))
  times.forEach((atMs, n) => clock.at(atMs, () => seen.push(`${atMs} ${String(n).padStart(3, '0')}`)))
  clock.advance(50)
  expect(seen).toEqual(seen.toSorted())
  expect(seen).toHaveLength(200)
  clock.close()
})

test('a cancelled timer does not run, and one that throws is reported without stopping the others', () => {
  const errors: unknown[] = []
  const clock = createClock(
    () => 0,
    (error) => errors.push(error),
  )
  const seen: string[] = []
  clock.at(1, () => seen.push('cancelled')).cancel()
  clock.at(2, () => {
    throw new Error('broken')
  })
  clock.at(3, () => clock.at(4, () => seen.push('made while running')))
  clock.advance(10)
  expect(seen).toEqual(['made while running'])
  expect(errors).toHaveLength(1)
  clock.close()
})

test('the real clock runs timers too', async () => {
  const clock = createClock(Date.now, fail)
  const dueAtMs = clock.now() + 20
  const ranAtMs = await new Promise<number>((resolve) => {
    clock.at(dueAtMs, () => resolve(clock.now()))
    clock.at(dueAtMs + 60_000, () => undefined)
  })
  clock.close()
  expect(ranAtMs).toBeGreaterThanOrEqual(dueAtMs)
})

test('policies give their delays', () => {
  const random = createRandom('delays')
  expect(policyDelayMs('immediate', random)).toBe(0)
  expect(policyDelayMs('manual', random)).toBeUndefined()
  expect(policyDelayMs({ afterSeconds: 3 }, random)).toBe(3000)
  const jittered = Array.from({ length: 500 }, () =>
    policyDelayMs({ afterSeconds: 1, jitterSeconds: 2 }, random)!,
  )
  expect(Math.min(...jittered)).toBeGreaterThanOrEqual(1000)
  expect(Math.max(...jittered)).toBeLessThanOrEqual(3000)
  expect(Math.max(...jittered) - Math.min(...jittered)).toBeGreaterThan(1500)
  const boots = Array.from({ length: 2000 }, () => policyDelayMs({ medianSeconds: 20, sigma: 0.5 }, random)!)
  const median = boots.toSorted((a, b) => a - b)[1000]!
  expect(median / 1000).toBeGreaterThan(18.5)
  expect(median / 1000).toBeLessThan(21.5)
})
