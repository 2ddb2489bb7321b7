import { parseArgs } from 'node:util'
import type { ChaosOptions, ChaosReport } from './options.ts'

const USAGE = `npm run chaos -- [--seconds N] [--seed S] [--hosts N] [--agents N] [--json]

Makes trouble for a fleet on real processes and the emulated cloud, then looks whether everything is as it should be.

  --seconds N   how long trouble is made, 1 to 86400; default 600
  --seed S      the same seed gives the same troubles; default: today's date
  --hosts N     size of the fleet, 1 to 200; default 30
  --agents N    how many hosts run real agents, a process each; the others' are simulated; default 3
  --json        the last line is one JSON object

Ends with 0 only when nothing was lost, doubled or left over, and every kind of trouble has happened.`

const OPTIONS = {
  seconds: { type: 'string', default: '600' },
  seed: { type: 'string' },
  hosts: { type: 'string', default: '30' },
  agents: { type: 'string', default: '3' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Where the words go: `tell` for people, `print` for what was asked for. */
export interface Words {
  tell: (line: string) => void
  print: (line: string) => void
}

/**
 * `npm run chaos`: see usage.
 * @returns the exit code: 0 only when the report has no problem; 2 for wrong use
 */
export async function chaosCommand(
  args: string[],
  run: (options: ChaosOptions) => Promise<ChaosReport>,
  { tell, print }: Words,
): Promise<0 | 1 | 2> {
  let options: Omit<ChaosOptions, 'say'> & { help: boolean; json: boolean }
  try {
    options = parse(args)
  } catch (error) {
    tell(`chaos: ${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (options.help) {
    print(USAGE)
    return 0
  }
  const began = performance.now()
  const say = (line: string) =>
    tell(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`)
  const { seconds, seed, hosts, realAgents } = options
  const report = await run({ seconds, seed, hosts, realAgents, say })
  for (const problem of report.problems) tell(`wrong: ${problem}`)
  say(lastWords(report))
  if (options.json) print(JSON.stringify(report))
  return report.problems.length === 0 ? 0 : 1
}

const lastWords = ({ problems, instancesMade, settledAfterMs, seed }: ChaosReport): string =>
  problems.length === 0
    ? `all as it should be: ${instancesMade} instances made, settled ${Math.round(settledAfterMs / 1_000)} s after the last trouble`
    : `${problems.length} things are wrong; --seed ${seed} makes the same troubles`

/** @throws Error with what was expected */
function parse(args: string[]): Omit<ChaosOptions, 'say'> & { help: boolean; json: boolean } {
  const { values } = parseArgs({ args, options: OPTIONS })
  return {
    seconds: wholeNumber('seconds', values.seconds, 1, 86_400),
    hosts: wholeNumber('hosts', values.hosts, 1, 200),
    realAgents: wholeNumber('agents', values.agents, 0, 200),
    seed: values.seed ?? new Date().toISOString().slice(0, 10),
    help: values.help === true,
    json: values.json === true,
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(`--${name} is a whole number from ${min} to ${max}, not "${text}"`)
}
