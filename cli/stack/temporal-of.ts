import { HOST_PORT } from '../../domain/config/fields.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { TemporalAccess } from './temporal-access.ts'

/** Parts of an installation start in any order: Temporal may come a while after a worker or an API. */
const PATIENCE_MS = 60_000

/** What the environment says goes before the config. */
export function temporalAddress({ temporal }: MusterConfig): string | undefined {
  const said = process.env['TEMPORAL_ADDRESS']
  if (!said) return temporal.address
  if (HOST_PORT.test(said)) return said
  throw new MusterError(
    'bad_config',
    `TEMPORAL_ADDRESS: expected host:port of the Temporal server, found "${said}"`,
  )
}

/** A server at this address, reached as the config says. */
export const accessAt = (address: string, { temporal }: MusterConfig): TemporalAccess => ({
  address,
  ...(temporal.tls && { tls: temporal.tls }),
  ...(temporal.apiKeyEnv !== undefined && { apiKeyEnv: temporal.apiKeyEnv }),
})

/** The Temporal server that worker and API processes use: `TEMPORAL_ADDRESS`, else the config's. */
export function temporalOf(config: MusterConfig) {
  const uiUrl = process.env['TEMPORAL_UI_URL']
  return {
    ...accessAt(temporalAddress(config) ?? '127.0.0.1:7233', config),
    namespace: config.temporal.namespace,
    patienceMs: PATIENCE_MS,
    log: () => {},
    ...(uiUrl && { uiUrl }),
  }
}
