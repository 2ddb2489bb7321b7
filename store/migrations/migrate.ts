import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { MusterError } from '../../domain/errors.ts'
import type { Backend, ColumnTypes } from '../backend.ts'
import type { Schema } from '../schema.ts'
import { firstTables } from './0001-first-tables.ts'
import { holdTables } from './0002-holds.ts'
import { fleetStatus } from './0003-fleet-status.ts'
import { ageIndexes } from './0004-ages.ts'
import { incidentTables } from './0005-incidents.ts'
import { hostKeys } from './0006-host-keys.ts'
import { clockSkew } from './0007-clock-skew.ts'

/** In order of name. A migration that has been released is never changed: the next one repairs it. */
const MIGRATIONS: Record<string, (types: ColumnTypes) => Migration> = {
  '0001-first-tables': firstTables,
  '0002-holds': holdTables,
  '0003-fleet-status': fleetStatus,
  '0004-ages': ageIndexes,
  '0005-incidents': incidentTables,
  '0006-host-keys': hostKeys,
  '0007-clock-skew': clockSkew,
}

/** Brings the schema up to date; safe when several processes do it at once. */
export async function migrate(db: Kysely<Schema>, backend: Backend): Promise<void> {
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, make]) => [name, make(backend.types)]),
  )
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const unknown =
    error instanceof Error ? /previously executed migration (\S+) is missing/.exec(error.message) : null
  if (!unknown) throw error
  throw new MusterError(
    'bad_config',
    `the store (${backend.label}) was written by a newer Muster: it has migration ${unknown[1]}, which this one does not know; run the newer one, or open another store`,
    { cause: error },
  )
}
