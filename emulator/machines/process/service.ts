import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { endMarked, MACHINE_MARK } from './marked.ts'

/** The image's service that runs the agent: started at boot, again 2 s after a failure, not after exit code 0. */
export interface AgentService {
  start(): void
  /** Resolves when no process of the machine is left. */
  stop(options: { force: boolean }): Promise<void>
}

export interface AgentServiceOptions {
  command: string[]
  /** Holds `MUSTER_MACHINE`, by which the machine's processes are found. */
  env: Record<string, string>
  cwd: string
  onLine: (line: string) => void
  log: (message: string) => void
}

const RESTART_AFTER_MS = 2_000
/** How long an orderly power-off waits for the agent before the power is cut. */
const GRACE_MS = 15_000

export function createAgentService(options: AgentServiceOptions): AgentService {
  let child: ChildProcess | undefined
  let ended: Promise<void> = Promise.resolve()
  let restartTimer: NodeJS.Timeout | undefined
  let wanted = false

  function start(): void {
    wanted = true
    const launched = launch(options)
    child = launched
    ended = new Promise((resolve) => {
      launched.once('error', (error) => {
        options.log(`the agent cannot be started: ${error.message}`)
        if (launched.pid === undefined) afterEnd(1, resolve)
      })
      launched.once('exit', (code, signal) => {
        options.onLine(`main process exited, ${signal === null ? `status=${code}` : `signal=${signal}`}`)
        afterEnd(code ?? 1, resolve)
      })
    })
  }

  function afterEnd(code: number, resolve: () => void): void {
    child = undefined
    if (wanted && code !== 0) {
      options.onLine('scheduled restart job')
      restartTimer = setTimeout(start, RESTART_AFTER_MS)
    }
    resolve()
  }

  async function stop({ force }: { force: boolean }): Promise<void> {
    wanted = false
    clearTimeout(restartTimer)
    if (child !== undefined && !force) {
      child.kill('SIGTERM')
      const cut = setTimeout(() => child?.kill('SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(cut)
    }
    child?.kill('SIGKILL')
    await ended
    await endMarked(MACHINE_MARK, options.env[MACHINE_MARK] ?? '')
  }

  return { start, stop }
}

function launch({ command, cwd, env, onLine }: AgentServiceOptions): ChildProcess {
  const [file = '', ...args] = command
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine)
  }
  return child
}
