import type { Hold, HoldState } from '../domain/breaker/hold.ts'
import type { BreakerRules } from '../domain/breaker/rules.ts'
import type { BootOutcome } from '../domain/breaker/settle.ts'
import type { FleetStatus } from '../domain/fleet/types.ts'
import type { HostEvent, HostPhase, HostRecord } from '../domain/host/types.ts'
import type { AttemptKey, HostId } from '../domain/ids.ts'
import type { PlaceFailures } from '../domain/placement/weight.ts'
import type { HostSpec } from '../domain/spec.ts'
import type { AgentCommand, CommandAck, HostFacts } from '../domain/wire.ts'
import type { AuditStore } from './audit-contract.ts'
import type { IncidentStore } from './incident-contract.ts'
import type { KeyInUse } from './keys-in-use.ts'
import type { HostBeat, LastBeat } from './set-beats.ts'

export type { AuditRow, AuditStore } from './audit-contract.ts'
export type { IncidentStore } from './incident-contract.ts'

/**
 * What Temporal is not for: projections, the journal, address look-up, commands to agents, and the notes that many hosts
 * must agree on in one transaction. SQLite and PostgreSQL give the same answers (one set of tests runs on both).
 * Instants are ms since 1970 by the wall clock of the writing process, unless a name says workflow time.
 */
export interface Store {
  hosts: HostStore
  journal: JournalStore
  fleets: FleetStore
  specs: SpecStore
  addresses: AddressStore
  commands: CommandStore
  capacity: CapacityStore
  holds: HoldStore
  incidents: IncidentStore
  evidence: EvidenceStore
  pulses: PulseStore
  tokens: TokenStore
  audit: AuditStore
  /** Deletes some of what is older than this instant (ms): journal, audit, evidence, commands, closed holds, incidents that are over, retired hosts, specs that nobody names. Gives how many rows; 0: all is done. */
  prune(before: number): Promise<number>
  /** True when a trivial query answers. */
  healthy(): Promise<boolean>
  close(): Promise<void>
}

export interface HostStore {
  /**
   * Upserts the row and inserts the events (unique host + generation + seq, duplicates ignored) in one transaction. A
   * record with a lower seq than the row of the same generation leaves the row as it is; a new generation replaces it,
   * and a late record of the one before does not come back. Facts and beats end with their attempt.
   * The first record of an attempt that names a `privateIp` takes it for this attempt; later ones do not take it back
   * from another instance. `retired` and `deleting` neither take nor free it (the cloud must have said gone: see
   * {@link AddressStore.free}).
   */
  record(record: HostRecord, now: number): Promise<void>
  get(host: HostId): Promise<HostRow | undefined>
  /** What a `started` is judged by, of many hosts in one query; hosts that are not known are left out. */
  summaries(hosts: readonly HostId[]): Promise<HostSummary[]>
  list(filter: HostFilter): Promise<HostRow[]>
  /** Hosts of a fleet by phase, retired ones left out. */
  counts(fleet?: string): Promise<Record<string, Partial<Record<HostPhase, number>>>>
  /** Regions of all hosts that are not retired, in order. */
  regions(): Promise<string[]>
  /** Enrollment keys of all hosts that are not retired, by id: dropped from the config, none of those hosts is heard. */
  keysInUse(): Promise<KeyInUse[]>
  /** Facts as agents reported them, of many hosts in one statement; only for the current generation and attempt. */
  setFacts(told: readonly { key: AttemptKey; facts: HostFacts }[], now: number): Promise<void>
  /** Last beats of many hosts in one statement; older beats and other attempts change nothing. */
  setBeats(beats: readonly HostBeat[]): Promise<void>
  /** In one transaction: the fleet's hosts that are ready or silent, with the phase and since when. */
  readyAndSilent(fleet: string): Promise<{ host: HostId; phase: HostPhase; phaseAt: number }[]>
}

export interface HostFilter {
  fleet?: string
  phases?: HostPhase[]
  instanceId?: string
  privateIp?: string
  /** Free text in host id, instance id, address, zone, type or reason. */
  search?: string
  includeRetired?: boolean
  /** Page: hosts after this id, in order of id. */
  after?: HostId
  /** 1 … 1,000, default 100. */
  limit?: number
}

/** As much of a host as a `started` is judged by. */
export interface HostSummary extends Pick<
  HostRow,
  'host' | 'generation' | 'attempt' | 'phase' | 'instanceId' | 'specHash'
> {
  hasFacts: boolean
}

/** The projection of one host. */
export interface HostRow extends Omit<HostRecord, 'events' | 'at'>, LastBeat {
  /** When the phase last changed, by the wall clock of the writer. */
  phaseAt: number
  updatedAt: number
  facts?: HostFacts
}

export interface JournalStore {
  /** Newest first. */
  list(filter: {
    host?: HostId
    fleet?: string
    generation?: string
    before?: number
    limit?: number
  }): Promise<JournalRow[]>
}

export interface JournalRow extends HostEvent {
  /** Grows with every row: the cursor of `before` and of live feeds. */
  id: number
  host: HostId
  generation: string
  /** When it happened, by the wall clock; where the workflow's time runs ahead of it, when it was written. */
  recordedAt: number
}

export interface FleetStore {
  record(row: FleetRow): Promise<void>
  get(name: string): Promise<FleetRow | undefined>
  list(): Promise<FleetRow[]>
}

export interface FleetRow {
  name: string
  desired: number
  paused: boolean
  specHash: string
  slots: [number, number][]
  /** An older record never overwrites a newer one. */
  seq: number
  note: string
  updatedAt: number
  /** Absent: written before fleets reported it. Instants by the wall clock of the writer. */
  status?: FleetStatus
}

export interface SpecStore {
  /** Hash of the canonical text; storing the same spec twice is one row. */
  put(spec: HostSpec, now: number): Promise<string>
  get(hash: string): Promise<HostSpec | undefined>
}

/** Which attempt holds an address, and claims of agents that know only their address. */
export interface AddressStore {
  byIp(privateIp: string): Promise<AttemptKey | undefined>
  /** Frees it once the cloud says the instance is gone, unless another attempt holds it by now. */
  free(key: AttemptKey): Promise<void>
  /** A claim without a booting attempt yet; dropped at `expiresAt`. */
  claim(privateIp: string, now: number, expiresAt: number): Promise<void>
  /** Claims whose address an attempt holds by now, not yet taken nor expired: what the API matches each second. */
  matchingClaims(now: number): Promise<{ privateIp: string; key: AttemptKey }[]>
  /** Takes the claim of an address when the address becomes known: true once. */
  takeClaim(privateIp: string, now: number): Promise<boolean>
}

export interface CommandStore {
  /** Same attempt and kind while unacknowledged: one command (idempotent). Returns it. */
  add(
    key: AttemptKey,
    kind: AgentCommand['kind'],
    args: Record<string, unknown> | undefined,
    now: number,
  ): Promise<AgentCommand>
  pending(key: AttemptKey): Promise<AgentCommand[]>
  /**
   * Attempts with unacknowledged commands, of those that are their host's present one: what the API asks once a second
   * for all hosts, so that a beat costs no query.
   */
  waiting(): Promise<AttemptKey[]>
  acknowledge(key: AttemptKey, acks: CommandAck[], now: number): Promise<void>
}

/** Zone × type (× spot) without stock. */
export interface CapacityStore {
  /**
   * Avoid for 3 min; again within its time or 10 min after it: for 10 (design §5). Refusals within 30 s are of launches
   * that were under way together and count once. Returns until when.
   */
  note(place: CapacityKey, code: string, now: number): Promise<number>
  active(region: string, now: number): Promise<CapacityNote[]>
  /** Refusals at each place since then, for weights. */
  strikes(region: string, since: number): Promise<PlaceFailures[]>
}

export interface CapacityKey {
  region: string
  zone: string
  instanceType: string
  spot: boolean
}

export interface CapacityNote extends CapacityKey {
  code: string
  until: number
}

/** The breaker's stops: this table is their truth. Each change is one transaction, with an audit row. */
export interface HoldStore {
  /** Those that are not closed, past their cool-down too; the oldest first. */
  active(region: string, now: number): Promise<HoldRow[]>
  /** Of all regions, the newest first. `limit` 1 … 1,000, default 100. */
  list(filter: { includeClosed?: boolean; limit?: number }, now: number): Promise<HoldRow[]>
  /**
   * Notes how a boot ended and opens, reopens or closes what follows from it (`domain/breaker`). Told again of the same
   * attempt it changes nothing and gives the same answer.
   */
  noteOutcome(outcome: BootOutcome, rules: BreakerRules, now: number): Promise<HoldEffect[]>
  /**
   * Chooses a placement by what all hosts know, and takes the probes that this needs, in one transaction: two attempts
   * never probe one hold at once. Probes that the attempt had and did not choose again are given up.
   */
  planned<C extends { probes: number[] }>(
    question: LaunchQuestion,
    choose: (facts: LaunchFacts) => C,
    now: number,
  ): Promise<C>
  /** An attempt has ended without saying anything about its boot: another one may probe. True when it was probing. */
  giveUpProbe(key: AttemptKey): Promise<boolean>
  /** A person ends a hold. @throws MusterError `not_found`, `conflict` when it is closed already */
  release(id: number, asked: { by: string; why: string; requestId?: string }, now: number): Promise<HoldRow>
}

export interface HoldRow extends Hold {
  region: string
  state: HoldState | 'closed'
  /** The host whose boot opened it. */
  openedBy: string
  closedAt?: number
  /** A host, or a person. */
  closedBy?: string
  closedWhy?: string
}

/** What an outcome did to a hold, for the journal. */
export interface HoldEffect {
  kind: 'opened' | 'reopened' | 'closed'
  hold: number
  text: string
}

export interface LaunchQuestion {
  region: string
  key: AttemptKey
  imageId: string
  /** How long a probe that begins now has its place to itself. */
  probeUntil: number
  /** Stock-outs and failed boots of this image since then are wanted; absent: none. */
  failuresSince?: number
}

export interface LaunchFacts {
  notes: CapacityNote[]
  holds: Hold[]
  recentFailures: PlaceFailures[]
}

export interface EvidenceStore {
  /**
   * ≤ 256 KiB of content, longer text keeps its end; anything else longer is refused (`too_large`). A host keeps its
   * newest twelve pieces: four attempts with all three kinds.
   */
  put(row: EvidenceRow): Promise<void>
  list(host: HostId, generation?: string): Promise<Omit<EvidenceRow, 'content'>[]>
  get(
    host: HostId,
    generation: string,
    attempt: number,
    kind: EvidenceRow['kind'],
  ): Promise<EvidenceRow | undefined>
}

export interface EvidenceRow extends AttemptKey {
  kind: 'console' | 'screenshot' | 'events'
  contentType: string
  content: Uint8Array
  takenAt: number
}

/** Which API processes are alive: an outage of ours must never look like silent hosts. */
export interface PulseStore {
  /** Called by each API every 3 s while it takes beats. */
  beat(id: string, startedAt: number, now: number): Promise<void>
  /** API processes whose last pulse is younger than `maxAgeMs`. */
  alive(now: number, maxAgeMs: number): Promise<{ id: string; startedAt: number; lastAt: number }[]>
}

export interface TokenStore {
  /** Operators' bearer tokens by SHA-256 (hex), never the token itself. `conflict` when name or token is there already. */
  add(row: { hash: string; name: string; role: 'viewer' | 'operator'; createdAt: number }): Promise<void>
  find(hash: string): Promise<{ name: string; role: 'viewer' | 'operator' } | undefined>
  remove(name: string): Promise<boolean>
  list(): Promise<{ name: string; role: 'viewer' | 'operator'; createdAt: number }[]>
}
