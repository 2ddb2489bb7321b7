import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.ts'
import { waitFor } from '../../cli/wait-for.ts'
import { tieToThisProcess } from '../../scripts/setup/lifeline.mjs'
import { startTemporalDevServer } from '../../scripts/temporal/dev-server.ts'
import { median, rounded } from '../numbers.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'

const BUDGET_S = 10
const start = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))

/** How long a person who types `npm start` waits for something to look at. */
export const firstReady: Bench = { id: 'first-ready', about: 'npm start to the first ready host', run }

async function run(context: BenchContext): Promise<Finding> {
  const took: number[] = []
  const floor: number[] = []
  for (let n = 1; n <= context.counts.firstReadyRuns; n += 1) {
    took.push(await startOnce())
    floor.push(await startTemporalAlone(context))
    context.say(`first-ready: run ${n}: ${rounded(took.at(-1) ?? 0)} s`)
  }
  const value = median(took)
  return {
    value: rounded(value),
    unit: 's',
    against: `a Temporal dev server alone ${rounded(median(floor))} s`,
    ratio: rounded(value / median(floor)),
    budget: `≤ ${BUDGET_S} s`,
    met: value <= BUDGET_S,
  }
}

/** What `npm start` runs, with a folder of its own: another stack on this machine is left alone. */
async function startOnce(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-start-'))
  const began = performance.now()
  const stack = spawn(process.execPath, [start, 'start', '--json', '--state', join(folder, 'state')], {
    env: { ...process.env, XDG_RUNTIME_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const lifeline = tieToThisProcess(stack.pid ?? 0, { group: true, graceSeconds: 20 })
  try {
    const { links, token } = await announced(stack)
    await waitFor('a host to be ready', () => hasReadyHost(links.api, token), { timeoutMs: 60_000 })
    return (performance.now() - began) / 1_000
  } finally {
    await ended(stack)
    lifeline.release()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Announcement {
  links: { api: string }
  token: string
}

/** The one JSON line of `--json`. */
async function announced(stack: ChildProcess): Promise<Announcement> {
  if (stack.stdout === null) throw new Error('no output to read')
  for await (const line of createInterface({ input: stack.stdout })) {
    if (line.startsWith('{')) return JSON.parse(line) as Announcement
  }
  throw new Error('the stack has ended before it said where it is; see above')
}

async function hasReadyHost(api: string, token: string): Promise<boolean> {
  const answer = await fetch(`${api}/v1/hosts?phase=ready`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`GET /v1/hosts was answered ${answer.status}`)
  const { hosts } = (await answer.json()) as { hosts: unknown[] }
  return hosts.length > 0
}

async function ended(stack: ChildProcess): Promise<void> {
  if (stack.exitCode !== null || stack.signalCode !== null) return
  const exit = once(stack, 'exit')
  stack.kill('SIGTERM')
  await exit
}

async function startTemporalAlone({ temporalCli }: BenchContext): Promise<number> {
  const began = performance.now()
  const server = await startTemporalDevServer({ cli: temporalCli, searchAttributes: SEARCH_ATTRIBUTES })
  const tookS = (performance.now() - began) / 1_000
  await server.stop()
  return tookS
}
