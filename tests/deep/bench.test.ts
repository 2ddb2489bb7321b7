import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rowsOf, runBench } from '../support/run-bench.ts'

/** What each row is held against, each with a figure of the same run. */
const RIVALS: Record<string, RegExp> = {
  lives: /^a bare workflow [\d.]+; the same commands written plainly [\d.]+ /,
  'history-events': /^a bare workflow \d+; \d+ heartbeats add 0$/,
  'deadline-lateness': /^\d+ bare timers to activity [\d.]+ ms; a watchdog every 5 minutes \d+ ms/,
  'ecs-calls': /^the least there can be \d+: RunInstances \d+, /,
  heartbeats: /^the raw client call [\d.]+$/,
  'started-answer': /^\d+ raw signals [\d.]+ ms$/,
  'agent-start': /^an empty Node program [\d.]+ ms; max RSS of the agent [\d.]+ MiB$/,
  'worker-memory': /^a bare waiting workflow -?[\d.]+ KiB; /,
  'first-ready': /^a Temporal dev server alone [\d.]+ s$/,
  'fleet-up': /^[\d.]+ s: slowest boot [\d.]+ s × 1\.1 \+ \d+ bare workflows [\d.]+ s; /,
  'fleet-calls': /^the least there can be \d+: RunInstances \d+, /,
  'fleet-down': /^[\d.]+ s: one beat .* \+ \d+ bare workflows [\d.]+ s; /,
  'fleet-history': /^\d+ runs?, \d+ events in all; longest workflow task [\d.]+ ms$/,
  'fleet-memory': /^the same worker with a fleet of 0 hosts \d+ MiB; /,
  'fleet-mute': /^[\d.]+ s: boot timeout .* \+ bare workflows; \d+ mute at first, /,
  'cron-translate': /^croner [\d.]+, cron-parser [\d.]+; /,
  'cron-next': /^croner [\d.]+, cron-parser [\d.]+; /,
  'cron-late': /^a timer that starts a workflow by the client [\d.]+ ms; /,
}

/** The rows of docs/performance.md, with the cells between their bars. */
const DOCUMENTED = readFileSync(join(import.meta.dirname, '../../docs/performance.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, id = '', , , ratio = '']) => ({ id: id.replaceAll('`', ''), hasRatio: ratio !== '' }))

test('all rows run, and the last line is one JSON object of every documented row, each with its rival', async () => {
  const end = await runBench('all', '--quick', '--json')
  expect(end).toMatchObject({ code: 0 })
  const rows = rowsOf(end)
  expect(rows.map(({ id, ratio }) => ({ id, hasRatio: ratio !== null }))).toEqual(DOCUMENTED)
  expect(Object.keys(RIVALS)).toEqual(DOCUMENTED.map(({ id }) => id))
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(['id', 'value', 'unit', 'against', 'ratio', 'budget', 'met'])
    expect(row).toMatchObject({
      unit: expect.stringMatching(/\w/),
      against: expect.stringMatching(RIVALS[row.id] ?? /never/),
      budget: expect.stringMatching(/\d|^≤ that$/),
      met: expect.any(Boolean),
    })
    // JSON has no NaN and no Infinity: they would be null.
    expect([row.value, row.ratio ?? 0].every(Number.isFinite)).toBe(true)
  }
})
