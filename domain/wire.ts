/**
 * The agent protocol: what travels between an agent and the API, as JSON over HTTP (see `docs/agent-protocol.md`).
 * Types only, so that the agent bundles nothing: the API parses with schemas held to these types.
 *
 * Every call carries `Authorization: Bearer <enrollment token>` and `Idempotency-Key: <id>`.
 * Errors come as {@link WireError}. Instants are ISO-8601 in UTC, sizes are bytes, durations say their unit.
 */

/** Where the agent finds itself: the one line in the instance's user data after {@link ENROLLMENT_MARK}. */
export interface Enrollment {
  /** Base URL of the API as agents reach it, without a trailing slash. */
  apiUrl: string
  token: string
  /** Host id, `<fleet>/<slot>`. */
  host: string
  generation: string
  attempt: number
  /** After this instant the first `started` is refused. */
  expiresAt: string
}

/** User data is a script; the line that begins with this mark holds base64url(JSON {@link Enrollment}). */
export const ENROLLMENT_MARK = '# muster-enrollment: '

export type CpuSource = 'os' | 'systeminformation'

/** What a host reports of itself. Counts come from `node:os` at once and from `systeminformation` with a later beat. */
export interface HostFacts {
  instanceId: string
  /** Lower-case, colon separated. */
  mac: string
  privateIp: string
  cpu: { logical: number; physical?: number; source: CpuSource }
  memoryBytes: number
  os: { platform: string; release: string; arch: string; hostname: string }
  agentVersion: string
  /** When the agent program began to run. */
  programStartedAt: string
}

/** `POST /v1/agent/started` */
export interface StartedRequest {
  /** New at every boot of the operating system. */
  bootId: string
  facts: HostFacts
  /** Signed instance identity document, base64 PKCS#7, when the metadata service gives one. */
  identity?: string
}

/** 202 */
export interface StartedAnswer {
  heartbeatSeconds: number
  /** What to run and watch; absent: nothing. */
  workload?: Workload
  /** Files to fetch before the workload starts, by name, from `GET /v1/agent/files/{name}`. */
  files: string[]
}

export interface Workload {
  command: string[]
  env?: Record<string, string>
  /** From the graceful stop to the forced one. */
  stopTimeoutMs: number
  restart: 'always' | 'onFailure' | 'never'
}

export type WorkloadState = 'none' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed'

export interface WorkloadReport {
  state: WorkloadState
  pid?: number
  restarts: number
  exitCode?: number
  /** With `failed`: what it said last on its error output, or why it could not be started. */
  lastWords?: string
}

/** `POST /v1/agent/heartbeat` */
export interface HeartbeatRequest {
  bootId: string
  /** 1, 2, 3 … within one run of the agent program. */
  seq: number
  workload: WorkloadReport
  /** 1-minute load average divided by logical CPUs; 0 where the system has none. */
  load: number
  /** When this beat was sent by the clock of the host: shown to people next to ours, and never believed. */
  sentAt?: string
  /** Sent once, when the slow facts are known. */
  facts?: HostFacts
  /** Commands done or refused since the last beat that was answered. */
  acks?: CommandAck[]
  /** When the cloud takes the instance, once it has announced that; until a beat with it was answered. */
  reclaimAt?: string
}

/** 200 */
export interface HeartbeatAnswer {
  /** Not yet acknowledged, oldest first. */
  commands: AgentCommand[]
}

export interface AgentCommand {
  id: string
  kind: 'drain' | 'stop' | 'profile' | 'run'
  /** What `profile` and `run` need. */
  arguments?: Record<string, unknown>
}

export interface CommandAck {
  id: string
  ok: boolean
  error?: string
}

/** `POST /v1/agent/drained`: the workload has ended and none will be taken. Answer 202 `{}`. */
export interface DrainedRequest {
  bootId: string
}

/** The answer to a call that returns nothing. */
export type Accepted = Record<string, never>

/** `POST /v1/hosts/status` of clients that know only their address. Status 2 means started. */
export interface LegacyStatusRequest {
  privateIp: string
  status: number
}

/** Body of every answer that is not 2xx. */
export interface WireError {
  error: { code: string; message: string; details?: Record<string, unknown>; requestId?: string }
}
