import { expect, it } from 'vitest'
import { runChaos } from './whole/run.ts'

const REAL_AGENTS = 3

it(
  'a minute of faults, kills and changing wishes leaves a whole fleet: nothing lost, doubled or left over',
  { timeout: 660_000 },
  async () => {
    const lines: string[] = []
    const report = await runChaos({
      seconds: 60,
      seed: process.env['MUSTER_CHAOS_SEED'] ?? 'every day',
      hosts: 30,
      realAgents: REAL_AGENTS,
      say: (line) => lines.push(line),
    })
    // A kind of trouble that never happened is a problem as well: see whole/must-happen.ts.
    expect({ problems: report.problems, ...(!report.ok && { lines }) }).toEqual({ problems: [] })
    expect(report.instancesMade).toBeGreaterThan(30)
    expect(report.realAgents).toBeGreaterThanOrEqual(REAL_AGENTS)
  },
)
