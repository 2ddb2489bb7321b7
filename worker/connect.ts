import { NativeConnection } from '@temporalio/worker'
import type { TemporalEndpoint } from './temporal-endpoint.ts'
import { untilConnected } from './until-connected.ts'

/**
 * Connects a worker to Temporal, trying until it is there: the SDK itself gives up at once when the server is not up yet.
 * @throws MusterError as {@link untilConnected}
 */
export const connectToTemporal = (
  endpoint: TemporalEndpoint,
  timeoutMs = 60_000,
): Promise<NativeConnection> => untilConnected(endpoint, timeoutMs, () => NativeConnection.connect(endpoint))
