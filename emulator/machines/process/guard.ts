import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ROOM_MARK } from './marked.ts'

/** Ends the processes of a room even when the emulator itself is killed. */
export interface RoomGuard {
  /** Done with: the guard looks a last time and is gone. */
  close(): Promise<void>
}

/**
 * A shell that waits on a pipe for the end of the emulator's process and then kills all that carries the room's mark,
 * twice, for what was being started meanwhile. Its own mark is in its arguments, not in its environment.
 */
const SCRIPT = `
cat >/dev/null
for round in 1 2; do
  for file in /proc/[0-9]*/environ; do
    if grep -qzxF "$1=$2" "$file" 2>/dev/null; then
      pid=\${file#/proc/}
      kill -9 "\${pid%/environ}" 2>/dev/null
    fi
  done
done`

/** One a room, Linux only (elsewhere machines end with an orderly close of the emulator alone). */
export function startGuard(roomId: string): RoomGuard {
  if (process.platform !== 'linux') return { close: async () => undefined }
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'muster-machine-guard', ROOM_MARK, roomId], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of the terminal's group: Ctrl-C must not end the guard before its work.
    detached: true,
    env: { PATH: process.env['PATH'] },
  })
  const ended = once(guard, 'exit')
  guard.stdin.on('error', () => undefined)
  // The guard alone does not keep the emulator running.
  guard.unref()
  ;(guard.stdin as unknown as { unref(): void }).unref()
  return {
    async close() {
      guard.ref()
      guard.stdin.end()
      await ended
    },
  }
}
