import { sql, type CreateTableBuilder, type Kysely, type RawBuilder } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from '../backend.ts'
import type { Schema } from '../schema.ts'

type Table = keyof Schema
/** Name → type; a `?` at the end of the name: may be null. */
type Columns = Record<string, RawBuilder<unknown>>

export function firstTables(types: ColumnTypes): Migration {
  return {
    async up(db) {
      await hostTables(db, types)
      await fleetTables(db, types)
      await addressTables(db, types)
      await launchTables(db, types)
      await processTables(db, types)
      await indexes(db)
    },
  }
}

async function hostTables(db: Kysely<Schema>, { rowId, text, integer, double, bytes }: ColumnTypes) {
  const attempt = { host: text, generation: text, attempt: integer }
  await table(db, 'hosts', ['host'], {
    ...attempt,
    fleet: text,
    slot: integer,
    phase: text,
    seq: integer,
    spec_hash: text,
    image_id: text,
    region: text,
    'zone?': text,
    'instance_type?': text,
    'instance_id?': text,
    'private_ip?': text,
    'mac?': text,
    liveness: text,
    reason: text,
    'launched_at?': integer,
    'boot_deadline?': integer,
    'wait_until?': integer,
    'ready_at?': integer,
    'wish?': text,
    'failure?': text,
    phase_at: integer,
    updated_at: integer,
    'facts?': text,
    'last_beat_at?': integer,
    'workload?': text,
    'load?': double,
  })
  const event = { fleet: text, seq: integer, at: integer, kind: text, text, 'data?': text }
  await table(db, 'host_events', [], { 'id?': rowId, ...attempt, ...event, recorded_at: integer })
  const command = { n: integer, kind: text, 'arguments?': text, created_at: integer }
  const answer = { 'acked_at?': integer, 'ok?': integer, 'error?': text }
  await table(db, 'commands', ['host', 'generation', 'attempt', 'n'], { ...attempt, ...command, ...answer })
  await table(db, 'evidence', ['host', 'generation', 'attempt', 'kind'], {
    ...attempt,
    kind: text,
    content_type: text,
    content: bytes,
    taken_at: integer,
  })
}

async function fleetTables(db: Kysely<Schema>, { text, integer }: ColumnTypes) {
  await table(db, 'fleets', ['name'], {
    name: text,
    desired: integer,
    paused: integer,
    spec_hash: text,
    slots: text,
    seq: integer,
    note: text,
    updated_at: integer,
  })
  await table(db, 'specs', ['hash'], { hash: text, spec: text, created_at: integer })
}

async function addressTables(db: Kysely<Schema>, { text, integer }: ColumnTypes) {
  const attempt = { host: text, generation: text, attempt: integer }
  await table(db, 'addresses', ['private_ip'], { private_ip: text, ...attempt })
  const claim = { private_ip: text, claimed_at: integer, expires_at: integer }
  await table(db, 'address_claims', ['private_ip'], claim)
}

async function launchTables(db: Kysely<Schema>, { rowId, text, integer }: ColumnTypes) {
  await table(db, 'capacity_notes', ['region', 'zone', 'instance_type', 'spot'], {
    region: text,
    zone: text,
    instance_type: text,
    spot: integer,
    code: text,
    noted_at: integer,
    until: integer,
  })
  await table(db, 'holds', [], {
    'id?': rowId,
    region: text,
    scope: text,
    'image_id?': text,
    'zone?': text,
    'instance_type?': text,
    'fleet?': text,
    reason: text,
    opened_at: integer,
    until: integer,
    'closed_at?': integer,
  })
}

async function processTables(db: Kysely<Schema>, { rowId, text, integer }: ColumnTypes) {
  await table(db, 'pulses', ['id'], { id: text, started_at: integer, last_at: integer })
  await table(db, 'tokens', ['hash'], { hash: text, name: text, role: text, created_at: integer })
  await table(db, 'audit', [], {
    'id?': rowId,
    at: integer,
    who: text,
    what: text,
    target: text,
    why: text,
    'request_id?': text,
  })
}

async function indexes(db: Kysely<Schema>) {
  const index = (name: string, on: Table, columns: string[]) =>
    db.schema.createIndex(name).on(on).columns(columns)
  await index('hosts_by_fleet', 'hosts', ['fleet', 'phase']).execute()
  await index('hosts_by_instance', 'hosts', ['instance_id']).execute()
  await index('hosts_by_address', 'hosts', ['private_ip']).execute()
  await index('host_events_once', 'host_events', ['host', 'generation', 'seq']).unique().execute()
  await index('host_events_by_host', 'host_events', ['host', 'id']).execute()
  await index('host_events_by_fleet', 'host_events', ['fleet', 'id']).execute()
  await index('addresses_by_attempt', 'addresses', ['host', 'generation', 'attempt']).execute()
  await index('commands_waiting', 'commands', ['host', 'generation', 'attempt', 'kind'])
    .unique()
    .where(sql.ref('acked_at'), 'is', null)
    .execute()
  await index('tokens_by_name', 'tokens', ['name']).unique().execute()
  await index('audit_by_target', 'audit', ['target', 'id']).execute()
}

/** @param key columns of the primary key; none when a column's own type makes it */
async function table(db: Kysely<Schema>, name: Table, key: string[], columns: Columns): Promise<void> {
  let builder: CreateTableBuilder<Table, string> = db.schema.createTable(name)
  for (const [column, type] of Object.entries(columns)) {
    builder = column.endsWith('?')
      ? builder.addColumn(column.slice(0, -1), type)
      : builder.addColumn(column, type, (made) => made.notNull())
  }
  if (key.length > 0) builder = builder.addPrimaryKeyConstraint(`${name}_key`, key as never)
  await builder.execute()
}
