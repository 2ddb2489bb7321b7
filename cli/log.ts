import { pino, type Logger } from 'pino'

/** Never in a log line, wherever they occur. */
const SECRET_PATHS = [
  'token',
  'secret',
  'password',
  'userData',
  '*.token',
  '*.secret',
  '*.password',
  '*.userData',
  '*.accessKeySecret',
]

/**
 * One JSON line per event on stderr: stdout is for what was asked for.
 * @param level `MUSTER_LOG_LEVEL` by default, else `info`
 */
export function createLog(level = process.env['MUSTER_LOG_LEVEL'] ?? 'info', file?: string): Logger {
  const target =
    file === undefined
      ? pino.destination(2)
      : pino.destination({ dest: file, mkdir: true, append: true, sync: true })
  return pino({ level, base: null, redact: { paths: SECRET_PATHS, censor: '…' } }, target)
}
