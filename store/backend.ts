import type { Dialect, RawBuilder, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Everything in which the two databases differ, apart from connecting to them. */
export interface Backend {
  name: 'sqlite' | 'postgres'
  /** Which store this is, for error messages: never a password. */
  label: string
  dialect: Dialect
  types: ColumnTypes
  /**
   * From here to the end of the transaction no other writer holds the same lock. SQLite has one writer at a time
   * anyway. Take host locks before the journal's, else two writers wait for each other.
   */
  lock(trx: Transaction<Schema>, scope: LockScope, name: string): Promise<void>
  /** A JSON array of {@link BeatJson} as a table with the columns of {@link BeatColumns}. */
  beatRows(json: string): RawBuilder<BeatColumns>
  /** The same of {@link FactsJson}. */
  factsRows(json: string): RawBuilder<FactsJson>
  /** True for a transaction that the database gave up and that may simply run again. */
  isRepeatable(error: unknown): boolean
}

/** SQL types for migrations. Text compares by code point on both, so that lists have one order everywhere. */
export interface ColumnTypes {
  /** Primary key that the database counts up and never gives twice. */
  rowId: RawBuilder<unknown>
  text: RawBuilder<unknown>
  /** Whole numbers to 2^53. */
  integer: RawBuilder<unknown>
  double: RawBuilder<unknown>
  bytes: RawBuilder<unknown>
}

export type LockScope = 'host' | 'journal' | 'holds'

export interface BeatJson {
  host: string
  generation: string
  attempt: number
  at: number
  workload: string
  load: number
  skew: number | null
}

export interface FactsJson {
  host: string
  generation: string
  attempt: number
  facts: string
}

export type BeatColumns = BeatJson
