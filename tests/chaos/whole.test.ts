import { expect, it } from 'vitest'
import { runChaos } from './whole/run.ts'

it(
  'a minute of faults, kills and changing wishes leaves a whole fleet: nothing lost, doubled or left over',
  { timeout: 660_000 },
  async () => {
    const lines: string[] = []
    const report = await runChaos({
      seconds: 60,
      seed: 'every day',
      hosts: 30,
      say: (line) => lines.push(line),
    })
    expect({ problems: report.problems, ...(!report.ok && { lines }) }).toEqual({ problems: [] })
    // A run in which nothing happened proves nothing.
    expect(Object.keys(report.troubles).length).toBeGreaterThan(10)
    for (const name of ['RunInstances: resetAfter', 'RunInstances: hang', 'instance: muteAgent']) {
      expect(report.struck[name], `how often struck ${name}`).toBeGreaterThan(0)
    }
    expect(report.troubles['sweep'], 'sweeps in the middle of it').toBeGreaterThan(0)
    expect(report.instancesMade).toBeGreaterThan(30)
  },
)
