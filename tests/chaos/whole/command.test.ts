import { describe, expect, it } from 'vitest'
import { chaosCommand } from './command.ts'
import type { ChaosOptions, ChaosReport } from './options.ts'

const report = (problems: string[]): ChaosReport => ({
  ok: problems.length === 0,
  seed: 's',
  seconds: 1,
  hosts: 1,
  problems,
  troubles: {},
  struck: {},
  accepted: {},
  unanswered: 0,
  instancesMade: 7,
  realAgents: 1,
  mostLive: 1,
  outcomes: {},
  settledAfterMs: 2_000,
  totalMs: 3_000,
})

async function chaos(args: string[], problems: string[] = []) {
  const told: string[] = []
  const printed: string[] = []
  const asked: ChaosOptions[] = []
  const run = (options: ChaosOptions) => {
    asked.push(options)
    return Promise.resolve(report(problems))
  }
  const words = { tell: (line: string) => told.push(line), print: (line: string) => printed.push(line) }
  return { code: await chaosCommand(args, run, words), told: told.join('\n'), printed, asked }
}

describe('npm run chaos', () => {
  it('ends with 0 when the report has no problem', async () => {
    const { code, told, printed } = await chaos([])
    expect(code).toBe(0)
    expect(told).toContain('all as it should be: 7 instances made, settled 2 s after the last trouble')
    expect(printed).toEqual([])
  })

  it('ends with 1 when it has one, names it, and the seed', async () => {
    const { code, told, printed } = await chaos(['--json'], ['i-1 is claimed by nobody'])
    expect(code).toBe(1)
    expect(told).toContain('wrong: i-1 is claimed by nobody')
    expect(told).toContain('1 things are wrong; --seed s makes the same troubles')
    expect(JSON.parse(printed.join(''))).toMatchObject({ ok: false, problems: ['i-1 is claimed by nobody'] })
  })

  it('makes trouble for 30 hosts for ten minutes unless asked otherwise', async () => {
    const { asked } = await chaos([])
    expect(asked).toMatchObject([{ seconds: 600, hosts: 30 }])
  })

  it('hands on what was asked for', async () => {
    const { asked } = await chaos(['--seconds', '9', '--seed', 'x', '--hosts', '5', '--agents', '5'])
    expect(asked).toMatchObject([{ seconds: 9, seed: 'x', hosts: 5, realAgents: 5 }])
  })

  it.for([['--seconds', '0'], ['--hosts', '201'], ['--agents', 'all'], ['--what']])(
    'ends with 2 for %s, and makes no trouble',
    async (args) => {
      const { code, told, asked } = await chaos(args)
      expect(code).toBe(2)
      expect(told).toContain('npm run chaos -- [--seconds N]')
      expect(asked).toEqual([])
    },
  )
})
