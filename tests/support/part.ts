import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Cleanup } from '../../cli/stack/cleanup.ts'
import { startChildServer, type ChildServer } from '../../scripts/temporal/child-server.ts'

/** One process of the installation, to be killed and started again at will. */
export interface Part {
  readonly running: boolean
  /** Until it can be used. Starting what runs is an error of the test. */
  start(): Promise<void>
  /** SIGKILL, as a crash; done when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL after 5 s. */
  stop(): Promise<void>
}

/** @param start brings up a new process; the cleanup kills the one that runs then */
export function createPart(name: string, start: () => Promise<ChildServer>, cleanup: Cleanup): Part {
  let server: ChildServer | undefined
  const end = async (how: 'kill' | 'stop') => {
    const ended = server
    server = undefined
    await ended?.[how]()
  }
  cleanup.add(name, () => end('kill'))
  return {
    get running() {
      return server !== undefined
    },
    async start() {
      if (server) throw new Error(`${name} runs already`)
      server = await start()
    },
    kill: () => end('kill'),
    stop: () => end('stop'),
  }
}

export interface NodeProcess {
  name: string
  args: string[]
  env: Record<string, string>
  /** Told each line the process says; true once it is ready. */
  isReady: (lines: readonly string[]) => boolean | Promise<boolean>
}

/** Slow machines need seconds to start Node and the SDK; nothing waits this long in vain. */
const READY_MS = 60_000

/** A program under this Node. What it says goes to a file below `MUSTER_TEST_LOGS`, when that is set. */
export async function startNode({ name, args, env, isReady }: NodeProcess): Promise<ChildServer> {
  const lines: string[] = []
  return await startChildServer({
    name,
    program: process.execPath,
    args,
    env: { MUSTER_LOG_LEVEL: 'info', ...env },
    readyTimeoutMs: READY_MS,
    log: (line) => {
      lines.push(line)
      keepLine(name, line)
    },
    probe: async () => {
      if (!(await isReady(lines))) throw new Error('not ready yet')
    },
  })
}

function keepLine(name: string, line: string): void {
  const folder = process.env['MUSTER_TEST_LOGS']
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${name}.log`), `${line}\n`)
}
