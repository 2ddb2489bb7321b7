import type { MusterConfig } from '../../domain/config/index.ts'
import { isLoopback } from '../../domain/config/loopback.ts'

/** Temporal believes whoever speaks to it: on the way to a server of the real cloud's hosts that must not be everybody. */
export function plainTextDoubt(
  { cloud, temporal }: MusterConfig,
  address: string | undefined,
): string | undefined {
  if (cloud.kind !== 'alibaba' || temporal.tls || address === undefined) return undefined
  if (isLoopback(`http://${address}`)) return undefined
  return `Temporal at ${address} is reached in plain text, and whoever is on the way can command the fleets: right only within a private network that you trust; else say temporal.tls`
}
