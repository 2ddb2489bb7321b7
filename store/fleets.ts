import type { Selectable } from 'kysely'
import { cut } from './limits.ts'
import type { FleetStatus } from '../domain/fleet/types.ts'
import type { FleetRow, FleetStore } from './contract.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

const MAX_NOTE = 2_000

export function createFleetStore({ db }: Database): FleetStore {
  return {
    async record({ name, desired, paused, specHash, slots, seq, note, updatedAt, status }) {
      const columns = {
        desired,
        paused: paused ? 1 : 0,
        spec_hash: specHash,
        slots: JSON.stringify(slots),
        seq,
        note: cut(note, MAX_NOTE),
        updated_at: updatedAt,
        status: status === undefined ? null : JSON.stringify(status),
      }
      await db
        .insertInto('fleets')
        .values({ name, ...columns })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(columns).where('fleets.seq', '<=', seq))
        .execute()
    },
    async get(name) {
      const row = await db.selectFrom('fleets').selectAll().where('name', '=', name).executeTakeFirst()
      return row && toFleetRow(row)
    },
    async list() {
      const rows = await db.selectFrom('fleets').selectAll().orderBy('name').execute()
      return rows.map(toFleetRow)
    },
  }
}

function toFleetRow(row: Selectable<Schema['fleets']>): FleetRow {
  return {
    name: row.name,
    desired: row.desired,
    paused: row.paused === 1,
    specHash: row.spec_hash,
    slots: JSON.parse(row.slots) as [number, number][],
    seq: row.seq,
    note: row.note,
    updatedAt: row.updated_at,
    ...(row.status !== null && { status: JSON.parse(row.status) as FleetStatus }),
  }
}
