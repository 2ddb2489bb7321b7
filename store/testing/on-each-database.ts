import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { Store } from '../contract.ts'
import { createStore } from '../create-store.ts'
import { openDatabase, type Database, type StoreOptions } from '../database.ts'
import type { Schema } from '../schema.ts'

/** What a test works with; empty before each test. */
export interface TestStore {
  store: Store
  database: Database
  /** To open the same database once more. */
  options: StoreOptions
}

/** Another server than the tests' own would be filled with their databases, so it has to be named. */
export const SERVER = process.env['MUSTER_TEST_POSTGRES_URL']

/**
 * The same tests on both databases: SQLite always, PostgreSQL when `MUSTER_TEST_POSTGRES_URL` names a server, where
 * each test file has its own database.
 */
export function onEachDatabase(title: string, tests: (current: () => TestStore) => void): void {
  describe(`${title} on SQLite`, () => {
    withDatabase(makeFile, tests)
  })
  describe.skipIf(!SERVER)(`${title} on PostgreSQL`, () => {
    withDatabase(makeDatabase, tests)
  })
}

interface Place {
  options: StoreOptions
  remove(): Promise<void>
}

function withDatabase(make: () => Promise<Place>, tests: (current: () => TestStore) => void): void {
  let place: Place
  let current: TestStore
  beforeAll(async () => {
    place = await make()
    const database = await openDatabase(place.options)
    current = { store: createStore(database), database, options: place.options }
  }, 60_000)
  afterAll(async () => {
    await current.store.close()
    await place.remove()
  })
  beforeEach(() => empty(current.database))
  tests(() => current)
}

/** Held to the schema: a new table that is missing here does not compile. */
const TABLES: Record<keyof Schema, true> = {
  hosts: true,
  host_events: true,
  fleets: true,
  specs: true,
  addresses: true,
  address_claims: true,
  commands: true,
  capacity_notes: true,
  holds: true,
  boot_outcomes: true,
  incidents: true,
  page_components: true,
  evidence: true,
  pulses: true,
  tokens: true,
  audit: true,
}

async function empty({ write }: Database): Promise<void> {
  await write(async (trx) => {
    for (const table of Object.keys(TABLES) as (keyof Schema)[]) await trx.deleteFrom(table).execute()
  })
}

async function makeFile(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-store-'))
  return {
    options: { file: join(folder, 'store.db') },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

async function makeDatabase(): Promise<Place> {
  const name = `muster_test_${process.pid}_${randomBytes(4).toString('hex')}`
  const url = new URL(SERVER ?? '')
  url.pathname = `/${name}`
  await onServer(`create database ${name}`)
  return { options: { url: url.href }, remove: () => onServer(`drop database ${name} with (force)`) }
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
