import type { TLSConfig } from '@temporalio/worker'

/** A Temporal server as both connections of the SDK take it. It holds secrets: made where it is used, and never shown. */
export interface TemporalEndpoint {
  /** host:port */
  address: string
  /** Absent: in plain text. */
  tls?: TLSConfig
  apiKey?: string
}
