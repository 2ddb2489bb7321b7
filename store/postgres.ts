import { Socket } from 'node:net'
import pg from 'pg'
import { PostgresDialect, PostgresQueryCompiler, sql } from 'kysely'
import { MusterError } from '../domain/errors.ts'
import type { Backend, BeatColumns, FactsJson, LockScope } from './backend.ts'
import { storable } from './storable.ts'

/** Per process. A worker and an API together stay far below the server's usual 100. */
const MAX_CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
/** No query of ours needs a tenth of it: what takes longer hangs. */
const STATEMENT_TIMEOUT_MS = 30_000
/** Longer than any statement may take: a server that says nothing for so long is out of reach. */
export const DEFAULT_SILENCE_MS = 40_000

const LOCK_CLASS: Record<LockScope, number> = { host: 0x6d7501, journal: 0x6d7502, holds: 0x6d7503 }

/** serialization_failure, deadlock_detected */
const REPEATABLE = new Set(['40001', '40P01'])

/**
 * @param url `postgres://user:password@host:port/database`
 * @param silenceMs a connection on which nothing was said for so long is given up, with its query
 */
export function postgresBackend(url: string, silenceMs = DEFAULT_SILENCE_MS): Backend {
  return {
    name: 'postgres',
    label: labelOf(url),
    dialect: new StorableDialect({ pool: async () => createPool(url, silenceMs) }),
    types: {
      rowId: sql`bigserial primary key`,
      text: sql`text collate "C"`,
      integer: sql`bigint`,
      double: sql`double precision`,
      bytes: sql`bytea`,
    },
    async lock(trx, scope, name) {
      await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_CLASS[scope])}, hashtext(${name}))`.execute(trx)
    },
    beatRows: (json) => sql<BeatColumns>`
      select * from json_to_recordset(${json}::json) as beats(
        host text, generation text, attempt bigint, at bigint, workload text, load double precision, skew bigint)`,
    factsRows: (json) => sql<FactsJson>`
      select * from json_to_recordset(${json}::json) as told(host text, generation text, attempt bigint, facts text)`,
    isRepeatable: (error) =>
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      REPEATABLE.has(error.code),
  }
}

function createPool(url: string, silenceMs: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'muster',
    stream: () => impatientSocket(silenceMs),
    types: { getTypeParser },
  })
  // A connection that breaks fails the query it carries, and is replaced by the next one. Without listeners the events
  // would end the process: the pool's is of idle connections, those at work have only their own.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

/**
 * The server ends a statement that takes too long, but a network that drops every packet says nothing: the query would
 * hang until the kernel gives up, a quarter of an hour later, and with it the end of the process. An idle connection is
 * closed by the pool long before.
 */
function impatientSocket(silenceMs: number): Socket {
  const socket = new Socket()
  socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`the server has said nothing for ${silenceMs / 1_000} s`))
  })
  return socket
}

/** bigint comes as text by default. All of ours are instants, counts and row numbers, far below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
}

function labelOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'postgres:' && parsed?.protocol !== 'postgresql:') {
    throw new MusterError(
      'bad_config',
      "the store's URL is not a PostgreSQL URL; one looks like postgres://user:password@127.0.0.1:5432/muster",
    )
  }
  return `PostgreSQL database ${parsed.pathname.slice(1)} at ${parsed.host}`
}

class StorableDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new StorableCompiler()
  }
}

class StorableCompiler extends PostgresQueryCompiler {
  protected override addParameter(parameter: unknown): void {
    super.addParameter(storable(parameter))
  }
}
