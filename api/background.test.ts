import { expect, test } from 'vitest'
import { createBackground } from './background.ts'
import { eventually, keepLog } from './testing.ts'

test('a task runs again and again, never twice at once, and once more at the end', async () => {
  const seen = { runs: 0, now: 0, most: 0 }
  const background = createBackground(
    [
      {
        name: 'work',
        everyMs: 1,
        atStop: true,
        async run() {
          seen.now += 1
          seen.most = Math.max(seen.most, seen.now)
          await new Promise((resolve) => setImmediate(resolve))
          seen.now -= 1
          seen.runs += 1
        },
      },
    ],
    keepLog().log,
  )
  background.start()
  background.start()
  await eventually('five runs', async () => seen.runs >= 5)
  await background.stop()
  const { runs } = seen
  expect(seen.most).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(seen.runs).toBe(runs)
})

test('a failing task is told once when it begins to fail and once when it works again', async () => {
  const { lines, log } = keepLog()
  let runs = 0
  const background = createBackground(
    [
      {
        name: 'work',
        everyMs: 1,
        async run() {
          runs += 1
          if (runs <= 3) throw new Error('the disk is full')
        },
      },
    ],
    log,
  )
  background.start()
  await eventually('six runs', async () => runs >= 6)
  await background.stop()
  expect(lines.map(({ level, text }) => `${level}: ${text}`)).toEqual([
    'warn: a background task fails',
    'info: a background task works again',
  ])
  expect(lines[0]?.fields).toEqual({ task: 'work', reason: 'the disk is full' })
})
