import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { whenFree } from './busy.ts'

/** Kysely's queries are few and their texts repeat; beyond this the oldest statement is forgotten. */
const MAX_STATEMENTS = 200

/** The one connection of a process: prepared statements are kept. */
export function createConnection(db: DatabaseSync): DatabaseConnection {
  const statements = new Map<string, StatementSync>()

  function prepared(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known) return known
    const statement = db.prepare(sql)
    const [oldest] = statements.keys()
    if (oldest !== undefined && statements.size >= MAX_STATEMENTS) statements.delete(oldest)
    statements.set(sql, statement)
    return statement
  }

  function execute<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const statement = prepared(sql)
    const values = parameters as SQLInputValue[]
    if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  async function* streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    // A statement of its own: a kept one may be run again before this reader has come to the end.
    for (const row of db.prepare(sql).iterate(...(parameters as SQLInputValue[]))) yield { rows: [row as R] }
  }

  return { executeQuery: (query) => whenFree(db, () => execute(query)), streamQuery }
}
