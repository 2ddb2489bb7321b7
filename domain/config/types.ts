import type { SweepPolicy } from '../sweep/types.ts'
import type { BreakerSettings } from './breaker-schema.ts'
import type { HostFields } from './host-schema.ts'
import type { RolloutSettings } from './rollout-schema.ts'
import type { ScheduleSettings } from './schedule-schema.ts'

/** The config, checked, with defaults applied. Secrets are not in it: only names of environment variables. */
export interface MusterConfig {
  /** Name of this installation; `dev` for the emulator when the file says none. */
  controller: string
  temporal: {
    address?: string
    namespace: string
    /** Absent: in plain text. */
    tls?: TemporalTls
    apiKeyEnv?: string
  }
  cloud: {
    kind: 'emulator' | 'alibaba'
    region: string
    /** host or host:port */
    endpoint?: string
    protocol?: 'http' | 'https'
  }
  /** At most one database of both. */
  store: {
    sqlite?: string
    postgresUrlEnv?: string
    /** Journal, audit and evidence: how long, ms. */
    keepMs: number
  }
  api: {
    /** host:port, an IPv6 address in brackets. */
    listen?: string
    /** Without a slash at the end. */
    publicUrl?: string
    /** Addresses and CIDR ranges. */
    trustedProxies: string[]
    /** At most two; new tokens are signed with the first. */
    keys: { id: string; secretEnv: string }[]
  }
  identity: { privateIp: 'off' | 'allow' }
  sweep: SweepPolicy
  /** Absent: nothing is reported to a page. */
  statuspage?: StatuspageSettings
  /** What the file says of the breaker for all fleets. */
  breaker: BreakerSettings
  fleets: Record<string, FleetSettings>
  /** Of schedules that name none. */
  timezone: string
  schedules: Record<string, ScheduleSettings>
}

/** TLS to the Temporal server. Without `caFile` public authorities are trusted; `certFile` and `keyFile` are both or neither. */
export interface TemporalTls {
  serverName?: string
  caFile?: string
  certFile?: string
  keyFile?: string
}

/** The status page that shows the state of the fleets. */
export interface StatuspageSettings {
  pageId: string
  apiKeyEnv: string
  /** Without a slash at the end. Absent: Atlassian's own, or that of the emulated cloud. */
  endpoint?: string
  /** Fleet → component id. */
  components: Record<string, string>
  incidents: { holds: boolean; freezes: boolean }
  notify: boolean
}

export interface FleetSettings extends RolloutSettings {
  size: number
  hosts: HostSettings
  /** What this fleet says of the breaker itself. */
  breaker?: BreakerSettings
}

/** What the file says of a fleet's hosts, with `defaults` merged in. Durations in ms, 0 for off; sizes in GiB. */
export interface HostSettings extends HostFields {
  image: string
  placements: NonNullable<HostFields['placements']>
  securityGroups: string[]
}
