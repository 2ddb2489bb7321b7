import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Environment variable that every process of a machine inherits, whatever session or group it moves to. */
export const MACHINE_MARK = 'MUSTER_MACHINE'
/** The same for all machines of one room. */
export const ROOM_MARK = 'MUSTER_MACHINE_ROOM'

const PATIENCE_MS = 5_000

/**
 * Ends every process that carries `mark=value` in its environment, and waits until none is left: also those that
 * left their group or lost their parent, as a power cut would. Linux only; elsewhere the group's end is all there is.
 *
 * @returns how many processes were ended
 */
export async function endMarked(mark: string, value: string): Promise<number> {
  const ended = new Set<number>()
  const endMs = Date.now() + PATIENCE_MS
  for (let found = findMarked(mark, value); found.length > 0; found = findMarked(mark, value)) {
    if (Date.now() > endMs) throw new Error(`processes ${found.join(', ')} of a machine do not end`)
    for (const pid of found) {
      ended.add(pid)
      kill(pid)
    }
    await sleep(5)
  }
  return ended.size
}

/** Ids of the living processes with this mark; one that ended (a zombie) has no environment any more. */
export function findMarked(mark: string, value: string): number[] {
  if (process.platform !== 'linux') return []
  const wanted = `\0${mark}=${value}\0`
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => `\0${environmentOf(pid)}`.includes(wanted)).map(Number)
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    // Ended since the listing, or somebody else's: not ours.
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
