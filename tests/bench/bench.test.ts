import { describe, expect, test } from 'vitest'
import { median, medianRatio, percentile, rounded } from '../../bench/numbers.ts'
import { BENCHES } from '../../bench/rows.ts'
import { rowsOf, runBench } from '../support/run-bench.ts'

describe('npm run bench', () => {
  test('ends with one JSON line of rows, each with what it is held against and its budget', async () => {
    const end = await runBench('history-events', 'agent-start', '--quick', '--json')
    expect(end).toMatchObject({ code: 0 })
    const rows = rowsOf(end)
    expect(rows.map(({ id }) => id)).toEqual(['history-events', 'agent-start'])
    for (const row of rows) {
      expect(row).toEqual({
        id: expect.any(String),
        value: expect.any(Number),
        unit: expect.any(String),
        against: expect.any(String),
        ratio: expect.any(Number),
        budget: expect.any(String),
        met: expect.any(Boolean),
      })
      expect(row.value).toBeGreaterThan(0)
    }
    // Not a time: the number of events is the same on every machine.
    expect(rows[0]).toMatchObject({ met: true, against: expect.stringContaining('heartbeats add 0') })
    expect(end.stdout).toMatch(/^row +value +ratio +budget +met +against/)
  })

  test('a benchmark may have several rows, each named after it', async () => {
    const end = await runBench('cron', '--quick', '--json')
    expect(end).toMatchObject({ code: 0 })
    const rows = rowsOf(end)
    expect(rows.map(({ id }) => id)).toEqual(['cron-translate', 'cron-next', 'cron-late'])
    // Not a time: which expressions all take, and which they read alike, is the same on every machine.
    expect(rows[0]?.against).toContain(
      'the 960 of 960 expressions in a zone that all take, 88 of them with different answers',
    )
  })

  test('names the rows there are when asked for one that is not there', async () => {
    const { stderr, code } = await runBench('speed')
    expect(code).toBe(1)
    expect(stderr).toContain('no row is called speed')
    for (const { id } of BENCHES) expect(stderr).toContain(id)
  })
})

describe('numbers', () => {
  test('percentiles are by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(percentile(values, 0.99)).toBe(198)
    expect(median([3, 1, 2])).toBe(2)
    expect(percentile([7], 0.99)).toBe(7)
  })

  test('ratios are taken round by round', () => {
    expect(medianRatio([10, 1, 30], [10, 10, 10])).toBe(1)
    expect(rounded(0.123456)).toBe(0.123)
    expect(rounded(1234)).toBe(1234)
  })
})
