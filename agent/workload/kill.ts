import { spawnSync } from 'node:child_process'
import { win32 } from 'node:path'

export type KillManner = 'graceful' | 'force'

/**
 * Ends a process and all that it started. On POSIX systems the process must lead its own group (spawned `detached`);
 * on Windows taskkill walks the tree. One that is gone already is fine.
 */
export function killTree(pid: number, manner: KillManner): void {
  if (process.platform === 'win32') {
    const [file, args] = taskkill(pid, manner, process.env)
    spawnSync(file, args, { windowsHide: true, stdio: 'ignore', timeout: 10_000 })
    return
  }
  try {
    process.kill(-pid, manner === 'force' ? 'SIGKILL' : 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** By absolute path: a service's PATH, or a file called taskkill in the working folder, must not decide. */
export function taskkill(
  pid: number,
  manner: KillManner,
  env: Record<string, string | undefined>,
): [file: string, args: string[]] {
  const file = win32.join(env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'taskkill.exe')
  return [file, ['/PID', String(pid), '/T', ...(manner === 'force' ? ['/F'] : [])]]
}
