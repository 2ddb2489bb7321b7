import type { FleetPolicy } from './fleet/policy.ts'
import type { Workload } from './wire.ts'

/** Zone + vSwitch + instance type + spot or on-demand: where one instance may be made. */
export interface Placement {
  zone: string
  vSwitchId: string
  instanceType: string
  /** Absent: on-demand. `priceLimit` is per hour in the account's currency; absent: up to the on-demand price. */
  spot?: { priceLimit?: number }
  /** Share of launches under the `weighted` policy, > 0, default 1. */
  weight?: number
  /** Derived from a spot placement with a fallback: replaces it while spot is out of stock or on hold. */
  fallback?: true
}

/** What a host needs of its fleet's spec: at most 8 KiB as JSON, because it travels in the workflow's input. */
export interface HostSpec {
  region: string
  imageId: string
  os: 'linux' | 'windows'
  /** Tried in this order, or by weight. At least one. */
  placements: Placement[]
  placementPolicy: 'order' | 'weighted'
  securityGroupIds: string[]
  systemDisk?: { category: string; sizeGiB: number; performanceLevel?: string }
  /** Mbit/s, 0–100; above 0 a public address is assigned. */
  internetMaxBandwidthOutMbps: number
  ramRoleName?: string
  keyPairName?: string
  /** Extra tags; keys beginning with `muster:` are refused. */
  tags: Record<string, string>
  workload?: Workload
  /** From the launch being scheduled to the agent's `started`. Default 20 min. */
  bootTimeoutMs: number
  /** How long `awaitRunning` looks before the deadline timer goes on alone. Default 5 min. */
  runningTimeoutMs: number
  /** How often agents beat. Default 15 s. */
  heartbeatSeconds: number
  /** Silence after which a ready host is `silent`. Default 90 s, at least 3 beats. */
  heartbeatTimeoutMs: number
  /** How long a silent host is kept before it is judged. Default 5 min, never under 2 × heartbeatTimeoutMs. */
  silentGraceMs: number
  /** From the drain command to the delete. Default 10 min. */
  drainTimeoutMs: number
  /** Dead-man switch of a ready host: absent, the release time is cleared; else renewed this often. */
  deadManRenewEveryMs?: number
  /** Pause before the next attempt: initial × 2^(failures-1), at most max. */
  backoff: { initialMs: number; maxMs: number }
  /** Above 0: instances of failed attempts are kept this long for a person to look at (≥ 30 min, the cloud's minimum). */
  preserveFailedMs: number
}

/** A fleet: a named set of equal hosts. */
export interface FleetSpec {
  name: string
  /** Desired number of hosts, 0 … 5,000. */
  size: number
  host: HostSpec
  /** Absent: the usual one. */
  policy?: FleetPolicy
}

/** Desired sizes beyond this are refused: the slot list and the visibility store are made for it. */
export const MAX_FLEET_SIZE = 5_000

/** The cloud's own minimum between now and an automatic release (RunInstances `AutoReleaseTime`). */
export const MIN_AUTO_RELEASE_MS = 30 * 60_000
