import { writeSync } from 'node:fs'

/** Writes at once. Output that nobody reads (EPIPE, a full pipe) must not end the agent: the rest is dropped then. */
export function writeAll(fd: number, data: Uint8Array): void {
  let rest = data
  for (let tries = 0; rest.length > 0 && tries < 100; tries += 1) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    }
  }
}
