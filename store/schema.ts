import type { ColumnType, Generated } from 'kysely'
import type { BootOutcome } from '../domain/breaker/settle.ts'
import type { AttemptOutcome, HostEventKind, HostPhase, Wish } from '../domain/host/types.ts'
import type { ComponentStatus, IncidentKind } from '../domain/status/types.ts'
import type { AgentCommand } from '../domain/wire.ts'

/**
 * The tables as Kysely types; `migrations/` makes them. Instants are ms since 1970, flags 0 or 1, JSON is text: the
 * types that SQLite and PostgreSQL have in common.
 */
export interface Schema {
  hosts: HostsTable
  host_events: HostEventsTable
  fleets: FleetsTable
  specs: SpecsTable
  addresses: AddressesTable
  address_claims: AddressClaimsTable
  commands: CommandsTable
  capacity_notes: CapacityNotesTable
  holds: HoldsTable
  boot_outcomes: BootOutcomesTable
  incidents: IncidentsTable
  page_components: PageComponentsTable
  evidence: EvidenceTable
  pulses: PulsesTable
  tokens: TokensTable
  audit: AuditTable
}

/** Numbered by the database; never written by us. */
type RowId = ColumnType<number, never, never>

export interface HostsTable {
  host: string
  generation: string
  attempt: number
  fleet: string
  slot: number
  phase: HostPhase
  seq: number
  spec_hash: string
  image_id: string
  region: string
  zone: string | null
  instance_type: string | null
  instance_id: string | null
  private_ip: string | null
  mac: string | null
  /** Null: no launch is planned, or it was before this was kept. */
  key_id: string | null
  liveness: 'agent' | 'none'
  reason: string
  launched_at: number | null
  boot_deadline: number | null
  wait_until: number | null
  ready_at: number | null
  reclaim_at: number | null
  wish: Wish['kind'] | null
  failure: AttemptOutcome | null
  phase_at: number
  updated_at: number
  facts: string | null
  last_beat_at: number | null
  workload: string | null
  load: number | null
  clock_skew_ms: number | null
}

interface HostEventsTable {
  id: RowId
  host: string
  generation: string
  seq: number
  fleet: string
  at: number
  kind: HostEventKind
  attempt: number
  text: string
  data: string | null
  recorded_at: number
}

interface FleetsTable {
  name: string
  desired: number
  paused: number
  spec_hash: string
  slots: string
  seq: number
  note: string
  updated_at: number
  /** JSON; null: written before fleets reported it. */
  status: string | null
}

interface SpecsTable {
  hash: string
  spec: string
  created_at: number
}

interface AddressesTable {
  private_ip: string
  host: string
  generation: string
  attempt: number
}

interface AddressClaimsTable {
  private_ip: string
  claimed_at: number
  expires_at: number
}

interface CommandsTable {
  host: string
  generation: string
  attempt: number
  /** 1, 2, 3 … within an attempt. */
  n: number
  kind: AgentCommand['kind']
  arguments: string | null
  created_at: number
  acked_at: number | null
  ok: number | null
  error: string | null
}

interface CapacityNotesTable {
  region: string
  zone: string
  instance_type: string
  spot: number
  code: string
  noted_at: number
  until: number
  /** Refusals in a row, those of launches under way together counted once; null: from before it was counted. */
  strikes: number | null
}

interface HoldsTable {
  id: Generated<number>
  region: string
  scope: 'placement' | 'image' | 'fleet'
  image_id: string | null
  zone: string | null
  instance_type: string | null
  fleet: string | null
  reason: string
  opened_at: number
  until: number
  closed_at: number | null
  failed_probes: number | null
  probe_host: string | null
  probe_generation: string | null
  probe_attempt: number | null
  probe_until: number | null
  opened_by: string | null
  closed_by: string | null
  closed_why: string | null
}

interface BootOutcomesTable {
  id: RowId
  host: string
  generation: string
  attempt: number
  region: string
  image_id: string
  zone: string
  instance_type: string
  fleet: string
  outcome: BootOutcome['outcome']
  launched_at: number
  at: number
  /** What it did to holds, as JSON. */
  effects: string
}

interface IncidentsTable {
  page_id: string
  subject: string
  kind: IncidentKind
  about: string
  since: number
  incident_id: string | null
  attempted_at: number | null
  opened_at: number | null
  dismissed_at: number | null
  resolved_at: number | null
  name: string
  /** Last text sent. */
  body: string
}

export interface PageComponentsTable {
  page_id: string
  component_id: string
  /** The page has said yes to it. */
  status: ComponentStatus | null
  /** What was asked for without a clear answer, with commas between. */
  asked: string | null
  set_at: number
}

interface EvidenceTable {
  host: string
  generation: string
  attempt: number
  kind: 'console' | 'screenshot' | 'events'
  content_type: string
  content: Uint8Array
  taken_at: number
}

interface PulsesTable {
  id: string
  started_at: number
  last_at: number
}

interface TokensTable {
  hash: string
  name: string
  role: 'viewer' | 'operator'
  created_at: number
}

interface AuditTable {
  id: RowId
  at: number
  who: string
  what: string
  target: string
  why: string
  request_id: string | null
}
