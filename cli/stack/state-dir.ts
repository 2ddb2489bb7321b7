import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { MusterError } from '../../domain/errors.ts'
import { isRunning, thisProcess, type ProcessId } from './process-id.ts'

/** Where a stack keeps what survives it, and that it is the only one there. */
export interface StateDir {
  /** Absolute. */
  path: string
  /** No stack has kept anything here yet. */
  isNew: boolean
  file(name: string): string
  /** Lets the next stack in. Must be called when the stack has ended. */
  release(): void
}

const owner = z.object({ pid: z.number(), born: z.string() })
/** What makes a folder a kept one; dropping a folder without it might drop somebody else's files. */
const MARK = 'secrets.json'
const LOCK = 'lock'

/**
 * Takes the folder: a second stack on the same folder is refused while the first one's process lives.
 * @param fresh drops what was kept there
 * @throws MusterError `conflict` naming the process that holds it, or a folder that is not one of ours to drop
 */
export function takeStateDir(folder: string, fresh: boolean): StateDir {
  const path = resolve(folder)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // Histories and journals are for their owner, also in a folder that was there before.
  chmodSync(path, 0o700)
  const lock = join(path, LOCK)
  claim(lock, path)
  if (fresh) drop(path)
  return {
    path,
    isNew: !existsSync(join(path, MARK)),
    file: (name) => join(path, name),
    release: () => rmSync(lock, { force: true }),
  }
}

/** Everything but the lock, so that no other stack can slip in. */
function drop(path: string): void {
  const names = readdirSync(path).filter((name) => name !== LOCK)
  if (names.length > 0 && !names.includes(MARK)) {
    rmSync(join(path, LOCK), { force: true })
    throw new MusterError(
      'conflict',
      `${path} holds files, but no state of Muster: --fresh would drop them; name another folder with --state`,
    )
  }
  for (const name of names) rmSync(join(path, name), { recursive: true, force: true })
}

/** Written aside and linked: whoever finds a lock finds its owner in it. */
function claim(lock: string, path: string): void {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, JSON.stringify(thisProcess()), { mode: 0o600 })
  try {
    linkSync(mine, lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = readOwner(lock)
    if (holder && holder.pid !== process.pid && isRunning(holder)) {
      throw new MusterError(
        'conflict',
        `another stack (process ${holder.pid}) runs on ${path}: stop it first, or use another folder with --state`,
      )
    }
    rmSync(lock, { force: true })
    claim(lock, path)
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Undefined for a lock that was released meanwhile or says nothing. */
function readOwner(lock: string): ProcessId | undefined {
  try {
    return owner.parse(JSON.parse(readFileSync(lock, 'utf8')))
  } catch {
    return undefined
  }
}
