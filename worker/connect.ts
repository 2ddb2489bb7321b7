import { setTimeout as sleep } from 'node:timers/promises'
import { NativeConnection } from '@temporalio/worker'
import { MusterError } from '../domain/errors.ts'

/**
 * Connects to Temporal, trying until it is there: the SDK itself gives up at once when the server is not up yet.
 * @param timeoutMs how long to try before the error names the address
 */
export async function connectToTemporal(address: string, timeoutMs = 60_000): Promise<NativeConnection> {
  const until = Date.now() + timeoutMs
  for (let pauseMs = 100; ; pauseMs = Math.min(2_000, pauseMs * 2)) {
    try {
      return await NativeConnection.connect({ address })
    } catch (cause) {
      if (Date.now() + pauseMs > until) {
        const message = `no Temporal server answers at ${address} after ${timeoutMs / 1000} s: start one or set TEMPORAL_ADDRESS`
        throw new MusterError('unavailable', message, { cause })
      }
      await sleep(pauseMs)
    }
  }
}
