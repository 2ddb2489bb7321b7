import type { Log } from './log.ts'

export interface PhysicalCores {
  physical: number
}

/** Word on the agent's command line that makes it the helper of {@link askPhysicalCores}. */
export const CPU_HELPER = '--cpu-helper'

/** lscpu answers in 50 ms, three PowerShells in seconds; one that hangs stays hanging. */
const TIMEOUT_MS = 8_000

/**
 * Counts physical cores by systeminformation, once, in a process of its own that is killed with all its children
 * after 8 s: on Windows it asks PowerShell, which may block in a CIM query for ever and whose pipes would keep the
 * agent alive. The agent's own memory stays free of it, too.
 *
 * @param helper the agent's own command line, e.g. `[process.execPath, ...process.execArgv, script]`
 * @returns undefined when it failed or took too long; the reason is logged
 */
export async function askPhysicalCores(
  helper: string[],
  log: Log,
  timeoutMs = TIMEOUT_MS,
): Promise<PhysicalCores | undefined> {
  const { execFile } = await import('node:child_process')
  const { killTree } = await import('./workload/kill.ts')
  const [file = process.execPath, ...rest] = helper
  return await new Promise((resolve) => {
    const grouped = { detached: process.platform !== 'win32', windowsHide: true }
    const child = execFile(file, [...rest, CPU_HELPER], grouped, (error, stdout) => {
      clearTimeout(timer)
      const found = error === null ? parse(stdout) : undefined
      if (found === undefined) log('warn', 'physical cores unknown', { reason: error?.message ?? stdout })
      resolve(found)
    })
    const timer = setTimeout(() => {
      log('warn', 'physical cores unknown', { reason: `no answer within ${timeoutMs} ms` })
      if (child.pid !== undefined) killTree(child.pid, 'force')
      // A pipe held open by something that escaped must not keep the agent alive.
      child.stdout?.destroy()
      child.stderr?.destroy()
      child.unref()
      resolve(undefined)
    }, timeoutMs)
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

