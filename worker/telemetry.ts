import { DefaultLogger, Runtime, makeTelemetryFilterString, type LogEntry } from '@temporalio/worker'
import type { Logger } from 'pino'

export interface TelemetryOptions {
  log: Logger
  /** host:port for Prometheus, loopback unless you mean it; absent: no metrics endpoint. */
  metricsAddress?: string
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const

/**
 * Installs Temporal's runtime with our log and metrics. Once per process and before any connection: a second call is
 * Temporal's own error. Shutdown signals are left to us, because other parts of the process must end in order too.
 */
export function installTelemetry({ log, metricsAddress }: TelemetryOptions): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => write(log, entry)),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      ...(metricsAddress && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  })
}

function write(log: Logger, { level, message, meta }: LogEntry): void {
  const { error, ...rest } = (meta ?? {}) as Record<string, unknown>
  log[LEVELS[level]]({ ...rest, ...(error !== undefined && { err: error }) }, message)
}
