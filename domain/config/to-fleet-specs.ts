import type { FleetSpec, HostSpec } from '../spec.ts'
import { expandPlacements } from './expand-placements.ts'
import { toFleetPolicy } from './rollout-schema.ts'
import type { HostSettings, MusterConfig } from './types.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** What holds where neither the fleet nor `defaults` say anything; the schema tells editors the same. */
const BOOT_TIMEOUT_MS = 20 * MINUTE
const RUNNING_TIMEOUT_MS = 5 * MINUTE
const HEARTBEAT_MS = 15 * SECOND
const HEARTBEAT_TIMEOUT_MS = 90 * SECOND
const SILENT_GRACE_MS = 5 * MINUTE
const DRAIN_TIMEOUT_MS = 10 * MINUTE
const STOP_TIMEOUT_MS = 30 * SECOND
const BACKOFF_INITIAL_MS = 5 * SECOND
const BACKOFF_MAX_MS = 10 * MINUTE

/** The fleets of a config as workflows know them, in order of name. */
export function toFleetSpecs({ fleets, cloud }: Pick<MusterConfig, 'fleets' | 'cloud'>): FleetSpec[] {
  return Object.entries(fleets)
    .map(([name, { size, hosts, ...changes }]) => ({
      name,
      size,
      host: toHostSpec(hosts, cloud.region),
      policy: toFleetPolicy(changes),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** One fleet's host spec with every default applied. */
export function toHostSpec(hosts: HostSettings, region: string): HostSpec {
  return {
    region,
    imageId: hosts.image,
    os: hosts.os ?? 'linux',
    placements: expandPlacements(hosts.placements),
    placementPolicy: hosts.policy ?? 'order',
    securityGroupIds: hosts.securityGroups,
    internetMaxBandwidthOutMbps: hosts.publicBandwidthMbps ?? 0,
    tags: hosts.tags ?? {},
    ...machine(hosts),
    ...workload(hosts),
    ...timing(hosts),
    preserveFailedMs: hosts.preserveFailed ?? 0,
  }
}

function machine({ systemDisk, ramRole, keyPair }: HostSettings) {
  const { category, size: sizeGiB, performanceLevel } = systemDisk ?? {}
  return {
    ...(category !== undefined &&
      sizeGiB !== undefined && {
        systemDisk: { category, sizeGiB, ...(performanceLevel && { performanceLevel }) },
      }),
    ...(ramRole !== undefined && { ramRoleName: ramRole }),
    ...(keyPair !== undefined && { keyPairName: keyPair }),
  }
}

function workload({ workload: program }: HostSettings): Pick<HostSpec, 'workload'> {
  if (!program) return {}
  const { command, env, stopTimeout = STOP_TIMEOUT_MS, restart = 'onFailure' } = program
  return { workload: { command, ...(env && { env }), stopTimeoutMs: stopTimeout, restart } }
}

function timing(hosts: HostSettings) {
  const bootTimeoutMs = hosts.bootTimeout ?? BOOT_TIMEOUT_MS
  const renewEveryMs = hosts.deadMan?.renewEvery ?? 0
  return {
    bootTimeoutMs,
    // Whoever shortens the one must not have to name the other.
    runningTimeoutMs: hosts.runningTimeout ?? Math.min(RUNNING_TIMEOUT_MS, bootTimeoutMs),
    ...heartbeat(hosts),
    silentGraceMs: hosts.silentGrace ?? SILENT_GRACE_MS,
    drainTimeoutMs: hosts.drainTimeout ?? DRAIN_TIMEOUT_MS,
    ...(renewEveryMs > 0 && { deadManRenewEveryMs: renewEveryMs }),
    backoff: backoff(hosts),
  }
}

function heartbeat({
  heartbeat: { every = HEARTBEAT_MS, timeout = HEARTBEAT_TIMEOUT_MS } = {},
}: HostSettings) {
  return { heartbeatSeconds: every / SECOND, heartbeatTimeoutMs: timeout }
}

function backoff({ backoff: { initial = BACKOFF_INITIAL_MS, max } = {} }: HostSettings): HostSpec['backoff'] {
  return { initialMs: initial, maxMs: max ?? Math.max(BACKOFF_MAX_MS, initial) }
}
