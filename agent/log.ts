import { isoTime } from './iso-time.ts'
import { writeAll } from './write-all.ts'

export type LogLevel = 'info' | 'warn' | 'error'

/** Writes one JSON line; `fields` are what a person searches by (host, attempt, instanceId …), never secrets. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void

const STDOUT = 1
const STDERR = 2

/**
 * The agent's log: one JSON line each on stdout.
 *
 * `fs.writeSync` and not `process.stdout`: it is complete when it returns, on pipes of every system, so nothing is
 * lost by a following exit, and it spares the start the 1.5 ms of building the stream.
 */
export function createLog(now: () => number, write: (line: string) => void = writeStdout): Log {
  return (level, message, fields) => {
    write(`${JSON.stringify({ time: isoTime(now()), level, message, ...fields })}\n`)
  }
}

/** The last words of a dying agent: one JSON line on stderr. */
export function logCrash(error: unknown, nowMs: number): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const line = {
    time: isoTime(nowMs),
    level: 'fatal',
    message: 'the agent crashed',
    error: text,
  }
  writeAll(STDERR, Buffer.from(`${JSON.stringify(line)}\n`))
}

function writeStdout(line: string): void {
  writeAll(STDOUT, Buffer.from(line))
}
