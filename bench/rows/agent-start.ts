import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentBundle } from '../../cli/paths.ts'
import { enrollmentUserData } from '../../domain/enrollment/user-data.ts'
import { median, medianRatio, rounded } from '../numbers.ts'
import type { Bench, BenchContext, Finding } from '../row.ts'

const FACTOR = 1.6
const BUDGET_MIB = 50

/** From the start of the agent's process to its `started` at the API, and the most memory it has had by then and after. */
export const agentStart: Bench = { id: 'agent-start', about: 'agent process start to started', run }

async function run(context: BenchContext): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-agent-'))
  const agents: { tookMs: number; rssMiB: number }[] = []
  const empty: number[] = []
  try {
    const program = join(folder, 'empty.cjs')
    writeFileSync(program, '')
    for (let n = 0; n <= context.counts.agentStarts; n += 1) {
      const agent = await startAgent(folder)
      const emptyMs = await startEmpty(program)
      if (n === 0) continue // the files are not in the page cache yet
      agents.push(agent)
      empty.push(emptyMs)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const took = agents.map(({ tookMs }) => tookMs)
  const ratio = medianRatio(took, empty)
  const rssMiB = Math.max(...agents.map((agent) => agent.rssMiB))
  return {
    value: rounded(median(took)),
    unit: 'ms',
    against: `an empty Node program ${rounded(median(empty))} ms; max RSS of the agent ${rounded(rssMiB)} MiB`,
    ratio: rounded(ratio),
    budget: `≤ ${FACTOR} × empty, ≤ ${BUDGET_MIB} MiB`,
    met: ratio <= FACTOR && rssMiB <= BUDGET_MIB,
  }
}

/** The cloud's metadata service and the API in one: both answer at once. */
async function startAgent(stateDir: string): Promise<{ tookMs: number; rssMiB: number }> {
  const posts = { started: Promise.withResolvers<number>(), beats: Promise.withResolvers<number>() }
  const server = createServer((request, response) => answer(request, response, posts))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const began = performance.now()
  const agent = spawn(process.execPath, [agentBundle], {
    env: { PATH: process.env['PATH'], MUSTER_METADATA_URL: url, MUSTER_STATE_DIR: stateDir },
    stdio: 'ignore',
  })
  try {
    const at = await Promise.race([posts.started.promise, died(agent)])
    await Promise.race([posts.beats.promise, died(agent)])
    return { tookMs: at - began, rssMiB: maxRssMiB(agent.pid ?? 0) }
  } finally {
    agent.kill('SIGKILL')
    await closed(server)
  }
}

interface Posts {
  started: PromiseWithResolvers<number>
  /** Resolved by the third beat: the slow facts are under way by then. */
  beats: PromiseWithResolvers<number>
}

function answer(request: IncomingMessage, response: ServerResponse, { started, beats }: Posts): void {
  const { url = '', headers, method } = request
  if (url.endsWith('/user-data')) return void response.end(userData(headers.host ?? ''))
  if (url.endsWith('/document')) return void response.end(JSON.stringify(DOCUMENT))
  // Metadata that this instance has not, as that of a spot reclaim.
  if (method === 'GET') return void response.writeHead(404).end()
  let text = ''
  request.setEncoding('utf8').on('data', (part: string) => (text += part))
  request.on('end', () => {
    const isStarted = url.endsWith('/started')
    if (isStarted) started.resolve(performance.now())
    else if ((JSON.parse(text) as { seq?: number }).seq === 3) beats.resolve(performance.now())
    const body = isStarted ? { heartbeatSeconds: 0.3, files: [] } : { commands: [] }
    response
      .writeHead(isStarted ? 202 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body))
  })
}

const DOCUMENT = {
  'instance-id': 'i-bp1bench000000000001',
  mac: '00:16:3e:00:00:01',
  'private-ipv4': '127.0.0.1',
}

const userData = (host: string): string =>
  enrollmentUserData('linux', {
    apiUrl: `http://${host}`,
    token: 'token-of-the-benchmark',
    host: 'bench/00001',
    generation: '0123456789',
    attempt: 1,
    expiresAt: '2100-01-01T00:00:00.000Z',
  })

/** From its start to its end: an empty program leaves no other mark. */
async function startEmpty(program: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [program], { stdio: 'ignore' })
  await once(child, 'exit')
  return performance.now() - began
}

async function died(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`the process has ended with ${code} before it had done what was measured`)
}

/** The kernel's own high-water mark. */
function maxRssMiB(pid: number): number {
  const [, kib = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1_024
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
