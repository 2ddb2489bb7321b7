/** `npm run chaos`: see usage. */
import { parseArgs } from 'node:util'
import { printJson } from '../cli/output.ts'
import { runChaos } from '../tests/chaos/whole/run.ts'

const USAGE = `npm run chaos -- [--seconds N] [--seed S] [--hosts N] [--json]

Makes trouble for a fleet on real processes and the emulated cloud, then looks whether everything is as it should be.

  --seconds N   how long trouble is made; default 600
  --seed S      the same seed gives the same troubles; default: today's date
  --hosts N     size of the fleet, 1 to 200; default 30
  --json        the last line is one JSON object

Ends with 0 only when nothing was lost, doubled or left over.`

const OPTIONS = {
  seconds: { type: 'string', default: '600' },
  seed: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  hosts: { type: 'string', default: '30' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help === true) {
    console.log(USAGE)
    return 0
  }
  const began = performance.now()
  const say = (line: string) =>
    console.error(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`)
  const report = await runChaos({
    seconds: wholeNumber('seconds', values.seconds, 1, 86_400),
    hosts: wholeNumber('hosts', values.hosts, 1, 200),
    seed: values.seed,
    say,
  })
  for (const problem of report.problems) console.error(`wrong: ${problem}`)
  const { instancesMade, settledAfterMs, seed } = report
  say(
    report.ok
      ? `all as it should be: ${instancesMade} instances made, settled ${Math.round(settledAfterMs / 1_000)} s after the last trouble`
      : `${report.problems.length} things are wrong; --seed ${seed} makes the same troubles`,
  )
  if (values.json === true) printJson(report)
  return report.ok ? 0 : 1
}

/** @throws TypeError with what was expected */
function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw Object.assign(new TypeError(`--${name} is a whole number from ${min} to ${max}, not "${text}"`), {
    code: 'ERR_PARSE_ARGS_VALUE',
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  const wrongUse = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  console.error(wrongUse ? `chaos: ${(error as Error).message}\n\n${USAGE}` : error)
  process.exitCode = wrongUse ? 2 : 1
}
