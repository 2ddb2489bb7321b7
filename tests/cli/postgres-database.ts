import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { onTestFinished } from 'vitest'

export interface PostgresDatabase {
  url: string
  /** Rows of a table. */
  count(table: string): Promise<number>
}

/** A database of its own on the tests' server, which goes with the test; undefined where there is no server. */
export async function postgresDatabase(): Promise<PostgresDatabase | undefined> {
  const server = process.env['MUSTER_TEST_POSTGRES_URL']
  if (!server) return undefined
  const name = `muster_cli_${process.pid}_${randomBytes(4).toString('hex')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  await ask(server, `create database ${name}`)
  onTestFinished(async () => void (await ask(server, `drop database ${name} with (force)`)))
  return {
    url: url.href,
    count: async (table) => {
      const [row] = await ask(url.href, `select count(*)::int as count from ${table}`)
      return Number(row?.['count'])
    },
  }
}

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return rows
  } finally {
    await client.end()
  }
}
