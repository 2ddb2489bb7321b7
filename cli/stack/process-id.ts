import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process that can be told from a later one of the same number. */
export interface ProcessId {
  pid: number
  /** When it began, in words of the system; empty where the system does not say. */
  born: string
}

export const thisProcess = (): ProcessId => ({ pid: process.pid, born: bornAt(process.pid) })

/** True while this very process lives: after a restart of the machine another one may have its number. */
export function isRunning({ pid, born }: ProcessId): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !exists(pid)) return false
  const now = bornAt(pid)
  return born === '' || now === '' || now === born
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function bornAt(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    }
    // Field 22, counted after the name, which may hold spaces and parentheses (proc_pid_stat(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    // Ended since, or a system without both: the number alone must do.
    return ''
  }
}
