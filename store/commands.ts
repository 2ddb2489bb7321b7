import type { Kysely, Selectable } from 'kysely'
import type { AttemptKey } from '../domain/ids.ts'
import type { AgentCommand } from '../domain/wire.ts'
import { attemptColumns } from './attempt.ts'
import type { CommandStore } from './contract.ts'
import type { Database } from './database.ts'
import { cut, jsonWithin } from './limits.ts'
import type { Schema } from './schema.ts'

const MAX_ARGUMENTS_BYTES = 16 * 1024
const MAX_ERROR = 1_000

export function createCommandStore(database: Database): CommandStore {
  const { db, write } = database
  return {
    add: (key, kind, args, now) => addCommand(database, key, { kind, args, now }),

    async pending(key) {
      const rows = await unacknowledged(db, key).orderBy('n').execute()
      return rows.map(toCommand)
    },

    async waiting() {
      return db
        .selectFrom('commands')
        .innerJoin('hosts', (join) =>
          join
            .onRef('hosts.host', '=', 'commands.host')
            .onRef('hosts.generation', '=', 'commands.generation')
            .onRef('hosts.attempt', '=', 'commands.attempt'),
        )
        .select(['commands.host', 'commands.generation', 'commands.attempt'])
        .distinct()
        .where('acked_at', 'is', null)
        .where('hosts.phase', '!=', 'retired')
        .orderBy('commands.host')
        .execute()
    },

    async acknowledge(key, acks, now) {
      if (acks.length === 0) return
      await write(async (trx) => {
        for (const { id, ok, error } of acks) {
          const n = numberOf(key, id)
          if (n === undefined) continue
          await trx
            .updateTable('commands')
            .set({ acked_at: now, ok: ok ? 1 : 0, error: error === undefined ? null : cut(error, MAX_ERROR) })
            .where((where) => where.and({ ...attemptColumns(key), n }))
            .where('acked_at', 'is', null)
            .execute()
        }
      })
    },
  }
}

async function addCommand(
  { write, backend }: Database,
  key: AttemptKey,
  { kind, args, now }: { kind: AgentCommand['kind']; args: Record<string, unknown> | undefined; now: number },
): Promise<AgentCommand> {
  const what = `the command ${kind} for ${key.host}`
  const text = args === undefined ? null : jsonWithin(args, MAX_ARGUMENTS_BYTES, what)
  return write(async (trx) => {
    // Two who count at once would give the same number.
    await backend.lock(trx, 'host', key.host)
    const waiting = await unacknowledged(trx, key).where('kind', '=', kind).executeTakeFirst()
    if (waiting) return toCommand(waiting)
    const n = (await lastNumber(trx, key)) + 1
    const row = { ...attemptColumns(key), n, kind, arguments: text }
    await trx
      .insertInto('commands')
      .values({ ...row, created_at: now, acked_at: null, ok: null, error: null })
      .execute()
    return toCommand(row)
  })
}

type CommandRow = AttemptKey & Pick<Selectable<Schema['commands']>, 'n' | 'kind' | 'arguments'>

const unacknowledged = (db: Kysely<Schema>, key: AttemptKey) =>
  db
    .selectFrom('commands')
    .select(['host', 'generation', 'attempt', 'n', 'kind', 'arguments'])
    .where((where) => where.and(attemptColumns(key)))
    .where('acked_at', 'is', null)

async function lastNumber(db: Kysely<Schema>, key: AttemptKey): Promise<number> {
  const row = await db
    .selectFrom('commands')
    .select((select) => select.fn.max('n').as('last'))
    .where((where) => where.and(attemptColumns(key)))
    .executeTakeFirst()
  return row?.last ?? 0
}

/** An agent knows its own commands only, so ids need to differ within its host. */
const idOf = ({ generation, attempt, n }: { generation: string; attempt: number; n: number }): string =>
  `${generation}-${attempt}-${n}`

/** undefined for ids that are not of this attempt: an agent acknowledges only what is its own. */
function numberOf({ generation, attempt }: AttemptKey, id: string): number | undefined {
  const n = Number(/-(\d{1,9})$/.exec(id)?.[1])
  return id === idOf({ generation, attempt, n }) ? n : undefined
}

function toCommand(row: CommandRow): AgentCommand {
  return {
    id: idOf(row),
    kind: row.kind,
    ...(row.arguments !== null && { arguments: JSON.parse(row.arguments) as Record<string, unknown> }),
  }
}
