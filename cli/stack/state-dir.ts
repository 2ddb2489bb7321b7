import { mkdirSync, openSync, readFileSync, rmSync, writeSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { MusterError } from '../../domain/errors.ts'

/** Where a stack keeps what survives it, and that it is the only one there. */
export interface StateDir {
  path: string
  file(name: string): string
  /** Lets the next stack in. Must be called when the stack has ended. */
  release(): void
}

/**
 * Takes the folder: a second stack on the same folder is refused while the first one's process lives.
 * @param fresh drops what is there
 * @throws MusterError `conflict` naming the process that holds it
 */
export function takeStateDir(path: string, fresh: boolean): StateDir {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const lock = join(path, 'lock')
  claim(lock, path)
  if (fresh) {
    rmSync(path, { recursive: true, force: true })
    mkdirSync(path, { recursive: true, mode: 0o700 })
    claim(lock, path)
  }
  return { path, file: (name) => join(path, name), release: () => rmSync(lock, { force: true }) }
}

function claim(lock: string, path: string): void {
  try {
    const file = openSync(lock, 'wx', 0o600)
    writeSync(file, String(process.pid))
    closeSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const pid = Number(readFileSync(lock, 'utf8'))
    if (pid !== process.pid && isAlive(pid)) {
      throw new MusterError(
        'conflict',
        `another stack (process ${pid}) runs on ${path}: stop it first, or use another folder with --state`,
      )
    }
    rmSync(lock, { force: true })
    claim(lock, path)
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
