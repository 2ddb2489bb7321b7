/** `npm run bench -- <ids…|all> [--json]`: the budgets of Muster, each beside its floor or rival of the same run. */
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MusterError } from '../domain/errors.ts'
import { printJson, printTable } from '../cli/output.ts'
import { findTemporalCli } from '../scripts/setup/temporal.mjs'
import { FULL, QUICK, type Bench, type BenchContext, type Row } from './row.ts'
import { BENCHES } from './rows.ts'

const USAGE = `npm run bench -- <ids…|all> [--json] [--quick] [--profile FOLDER]

${BENCHES.map(({ id, about }) => `  ${id.padEnd(18)} ${about}`).join('\n')}

  --json             the last line is one JSON object {"rows":[…]}
  --quick            tiny counts: shows that the rows run, measures nothing
  --profile FOLDER   the processes under test leave CPU profiles there`

const OPTIONS = {
  json: { type: 'boolean' },
  quick: { type: 'boolean' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
  if (values.help === true || positionals.length === 0) {
    console.log(USAGE)
    return values.help === true ? 0 : 2
  }
  const chosen = choose(positionals)
  const say = (line: string): void => console.error(line)
  if (values.profile !== undefined) mkdirSync(values.profile, { recursive: true })
  const context: BenchContext = {
    temporalCli: process.env['MUSTER_TEMPORAL_CLI'] ?? (await findTemporalCli()),
    counts: values.quick === true ? QUICK : FULL,
    say,
    ...(values.profile !== undefined && { profileDir: values.profile }),
  }
  const rows: Row[] = []
  for (const bench of chosen) {
    say(`${bench.id}: ${bench.about} …`)
    const found = await bench.run(context)
    rows.push(...(Array.isArray(found) ? found : [{ id: bench.id, ...found }]))
  }
  show(rows)
  if (values.json === true) printJson({ rows })
  return 0
}

/** @throws MusterError `bad_request` naming the ids there are */
function choose(ids: string[]): readonly Bench[] {
  if (ids.includes('all')) return BENCHES
  const unknown = ids.filter((id) => BENCHES.every((bench) => bench.id !== id))
  if (unknown.length > 0) {
    const known = BENCHES.map(({ id }) => id).join(', ')
    throw new MusterError(
      'bad_request',
      `no row is called ${unknown.join(', ')}; there are ${known}, and all`,
    )
  }
  return BENCHES.filter(({ id }) => ids.includes(id))
}

function show(rows: Row[]): void {
  printTable(
    ['row', 'value', 'ratio', 'budget', 'met', 'against'],
    rows.map(({ id, value, unit, against, ratio, budget, met }) => [
      id,
      `${value} ${unit}`,
      ratio === null ? '' : `${ratio} ×`,
      budget,
      met ? 'yes' : 'no',
      against,
    ]),
  )
}

try {
  process.exitCode = await main()
} catch (error) {
  const known =
    error instanceof MusterError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  console.error(known ? `bench: ${(error as Error).message}` : error)
  process.exitCode = 1
}
