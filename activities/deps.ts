import type { BreakerRules } from '../domain/breaker/rules.ts'
import type { Store } from '../store/contract.ts'
import type { EcsApi } from './ecs/api.ts'

/** What the host activities depend on; the worker passes it in. */
export interface HostActivityDeps {
  /** The cloud of a region; the same object for every call. */
  ecs(region: string): EcsApi
  store: Pick<
    Store,
    'hosts' | 'fleets' | 'specs' | 'addresses' | 'capacity' | 'holds' | 'evidence' | 'pulses' | 'commands'
  >
  /** Wall clock, ms since 1970. */
  clock: () => number
  /** Secret of an enrollment key, or undefined when this worker has none of that id. */
  enrollmentKeys: (keyId: string) => string | undefined
  log: Log
  /** When boots of a fleet's hosts are stopped; default: the usual rules. */
  breaker?: (fleet: string) => BreakerRules
  /** Grid of the looks at instances; default 5 s. A fifth of it lies between two calls that delete. */
  cloudGridMs?: number
  /** How often a host that cannot beat is looked at; default 5 min. */
  checkEveryMs?: number
  /** How long an id may stay invisible after the cloud gave it; default 60 s. */
  visibleAfterMs?: number
}

/** As pino has it. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** An id that was just given may not be listed yet (eventual consistency, seen by other fleet managers too). */
export const DEFAULT_VISIBLE_AFTER_MS = 60_000
