import { existsSync } from 'node:fs'
import { Kysely, type Transaction } from 'kysely'
import { MusterError } from '../domain/errors.ts'
import type { Backend } from './backend.ts'
import { migrate } from './migrations/migrate.ts'
import { postgresBackend } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteBackend } from './sqlite.ts'

/** Exactly one of both. */
export interface StoreOptions {
  /** `postgres://…` */
  url?: string
  /** SQLite path, or `:memory:`. */
  file?: string
  /** How long a PostgreSQL server may say nothing before the connection is given up, ms. Default 40,000. */
  silenceMs?: number
}

/** An open, migrated database: what the parts of the store are made from. */
export interface Database {
  db: Kysely<Schema>
  backend: Backend
  /** One transaction; run again (up to 3 times) when the database gives it up for another one's sake. */
  write: <T>(work: (trx: Transaction<Schema>) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

const MAX_TRIES = 3

/**
 * @throws MusterError `bad_config` for unusable options or an unusable schema, `unavailable` when it cannot be reached
 */
export async function openDatabase(options: StoreOptions): Promise<Database> {
  const backend = backendOf(options)
  const db = new Kysely<Schema>({ dialect: backend.dialect })
  try {
    await migrate(db, backend)
  } catch (error) {
    await db.destroy().catch(() => {}) // the first error is the one to report
    throw openError(backend, error)
  }
  return {
    db,
    backend,
    write: (work) => inTransaction(db, backend, work),
    close: () => db.destroy(),
  }
}

/**
 * Something read of a database that is left as it is: no file is made, no table is brought up to date.
 *
 * @returns undefined where there is no such file
 * @throws MusterError as `openDatabase`
 */
export async function readAsItIs<T>(
  options: StoreOptions,
  read: (db: Kysely<Schema>) => Promise<T>,
): Promise<T | undefined> {
  if (options.file !== undefined && !existsSync(options.file)) return undefined
  const backend = backendOf(options)
  const db = new Kysely<Schema>({ dialect: backend.dialect })
  try {
    return await read(db)
  } catch (error) {
    throw openError(backend, error)
  } finally {
    await db.destroy()
  }
}

function backendOf({ url, file, silenceMs }: StoreOptions): Backend {
  if ((url === undefined) === (file === undefined)) {
    throw new MusterError('bad_config', 'the store needs either an SQLite file or a PostgreSQL URL, not both')
  }
  if (url !== undefined) return postgresBackend(url, silenceMs)
  try {
    return sqliteBackend(file ?? ':memory:')
  } catch (error) {
    throw openError({ label: `SQLite file ${file}` }, error)
  }
}

function openError({ label }: Pick<Backend, 'label'>, cause: unknown): MusterError {
  if (cause instanceof MusterError) return cause
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new MusterError(
    'unavailable',
    `cannot open the store (${label}): ${reason}; check that it is there and may be written`,
    { cause },
  )
}

async function inTransaction<T>(
  db: Kysely<Schema>,
  backend: Backend,
  work: (trx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (tries >= MAX_TRIES || !backend.isRepeatable(error)) throw error
    }
  }
}
