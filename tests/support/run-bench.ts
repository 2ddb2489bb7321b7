import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Row } from '../../bench/row.ts'
import { findTemporalCli } from '../../scripts/setup/temporal.mjs'

const main = join(import.meta.dirname, '../../bench/main.ts')

export interface BenchEnd {
  stdout: string
  stderr: string
  code: number
}

/** The benchmarks as a program, to their end. */
export async function runBench(...args: string[]): Promise<BenchEnd> {
  const env = { ...process.env, MUSTER_TEMPORAL_CLI: await findTemporalCli() }
  try {
    return { ...(await promisify(execFile)(process.execPath, [main, ...args], { env })), code: 0 }
  } catch (error) {
    return error as BenchEnd
  }
}

/** What `--json` says with its last line. */
export const rowsOf = ({ stdout }: BenchEnd): Row[] =>
  (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { rows: Row[] }).rows
