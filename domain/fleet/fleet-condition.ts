import type { FleetFacts } from './explain.ts'
import type { FleetStatus } from './types.ts'

/** A fleet is looked at every 30 seconds: a row older than this says nothing about the present. */
const STALE_MS = 3 * 60_000
/** A worker's poll lasts a minute at most, and the next one follows at once. */
const WORKER_GONE_MS = 70_000
/** A worker would have looked at the fleet by then. */
const LOOKED_MS = 45_000

/** The fleet has not been looked at lately: what its row says may be old. */
export const isStale = ({ updatedAt }: FleetFacts, now: number): boolean => now - updatedAt > STALE_MS

/** Both polls and looks must be missing: clocks of other machines may be wrong, and a fleet may be busy. */
export const isWorkerGone = ({ workerSeen, updatedAt }: FleetFacts, now: number): boolean =>
  workerSeen !== undefined &&
  (workerSeen === 'none' || now - workerSeen > WORKER_GONE_MS) &&
  now - updatedAt > LOOKED_MS

/** Frozen, and nobody has overridden it. */
export const isFrozen = (status: FleetStatus | undefined, now: number): boolean =>
  status?.frozen !== undefined && !(status.override && now < status.override.until)
