import type { MusterConfig } from '../../domain/config/index.ts'

/** Parts of an installation start in any order: Temporal may come a while after a worker or an API. */
const PATIENCE_MS = 60_000

/** What the environment says goes before the config. */
export const temporalAddress = ({ temporal }: MusterConfig): string | undefined =>
  (process.env['TEMPORAL_ADDRESS'] || undefined) ?? temporal.address

/** The Temporal server that worker and API processes use: `TEMPORAL_ADDRESS`, else the config's. */
export function temporalOf(config: MusterConfig) {
  const uiUrl = process.env['TEMPORAL_UI_URL']
  return {
    address: temporalAddress(config) ?? '127.0.0.1:7233',
    namespace: config.temporal.namespace,
    patienceMs: PATIENCE_MS,
    log: () => {},
    ...(uiUrl && { uiUrl }),
  }
}
