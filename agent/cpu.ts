import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Log } from './log.ts'

export interface PhysicalCores {
  physical: number
}

/** Word on the agent's command line that makes it the helper of {@link askPhysicalCores}. */
export const CPU_HELPER = '--cpu-helper'

/** lscpu answers in 50 ms, three PowerShells in seconds; one that hangs stays hanging. */
const TIMEOUT_MS = 8_000

export interface CpuHelper {
  /** Undefined when it failed or took too long; the reason is logged. */
  found: Promise<PhysicalCores | undefined>
  /** Ends the helper if it still runs. */
  kill(): void
}

/**
 * Counts physical cores by systeminformation, once, in a process of its own that is killed with all its children
 * after 8 s: on Windows it asks PowerShell, which may block in a CIM query for ever and whose pipes would keep the
 * agent alive. The agent's own memory stays free of it, too.
 *
 * @param ownCommand the agent's own command line, e.g. `[process.execPath, ...process.execArgv, script]`
 */
export function askPhysicalCores(ownCommand: string[], log: Log, timeoutMs = TIMEOUT_MS): CpuHelper {
  let killHelper = (): void => undefined

  async function ask(): Promise<PhysicalCores | undefined> {
    // Loaded here and not at the top: this runs after `started`, and a millisecond counts before it.
    const { spawn } = await import('node:child_process')
    const { killTree } = await import('./workload/kill.ts')
    const [file = process.execPath, ...args] = ownCommand
    const child = spawn(file, [...args, CPU_HELPER], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    killHelper = () => {
      if (child.pid !== undefined && child.exitCode === null) killTree(child.pid, 'force')
      // A pipe held open by something that escaped must not keep this waiting.
      child.stdout.destroy()
    }
    const timer = setTimeout(() => {
      log('warn', 'the CPU helper is killed', { timeoutMs })
      killHelper()
    }, timeoutMs)
    const said = await lastWords(child)
    clearTimeout(timer)
    const found = parse(said)
    if (found === undefined)
      log('warn', 'physical cores unknown', { reason: said || 'the helper said nothing' })
    return found
  }

  return { found: ask(), kill: () => killHelper() }
}

/** All that a helper wrote before it ended, or why it could not be started. */
function lastWords(child: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.once('error', (error) => resolve(error.message))
    child.once('close', () => resolve(said))
  })
}

/** The helper's whole life: one JSON line on stdout. */
export async function runCpuHelper(write: (line: string) => void): Promise<void> {
  const { cpu } = await import('systeminformation/lib/cpu.js')
  const { physicalCores } = await cpu()
  write(JSON.stringify({ physical: physicalCores }))
}

function parse(stdout: string): PhysicalCores | undefined {
  try {
    const { physical } = JSON.parse(stdout) as { physical?: unknown }
    return Number.isInteger(physical) && Number(physical) > 0 ? { physical: Number(physical) } : undefined
  } catch {
    // Not JSON: the caller logs what it was.
    return undefined
  }
}
