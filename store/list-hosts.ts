import { sql, type ExpressionBuilder, type Kysely } from 'kysely'
import type { HostFilter, HostRow } from './contract.ts'
import { fromColumns } from './host-row.ts'
import { pageLimit } from './limits.ts'
import type { Schema } from './schema.ts'

const SEARCHED = ['host', 'instance_id', 'private_ip', 'zone', 'instance_type', 'reason'] as const

/** A page of hosts in order of id. */
export async function listHosts(db: Kysely<Schema>, filter: HostFilter): Promise<HostRow[]> {
  const limit = pageLimit(filter.limit)
  if (filter.phases?.length === 0) return [] // PostgreSQL knows no empty list
  const rows = await db
    .selectFrom('hosts')
    .selectAll()
    .where((where) => where.and(conditions(where, filter)))
    .orderBy('host')
    .limit(limit)
    .execute()
  return rows.map(fromColumns)
}

function conditions(where: ExpressionBuilder<Schema, 'hosts'>, filter: HostFilter) {
  const { fleet, phases, instanceId, privateIp, search, includeRetired, after } = filter
  return [
    ...(fleet === undefined ? [] : [where('fleet', '=', fleet)]),
    ...(instanceId === undefined ? [] : [where('instance_id', '=', instanceId)]),
    ...(privateIp === undefined ? [] : [where('private_ip', '=', privateIp)]),
    ...(after === undefined ? [] : [where('host', '>', after)]),
    ...(phases === undefined ? [] : [where('phase', 'in', phases)]),
    // Who names phases gets just those.
    ...(includeRetired || phases ? [] : [where('phase', '!=', 'retired')]),
    ...(search ? [found(where, search)] : []),
  ]
}

/** Upper and lower case are the same within ASCII: that is what `lower` does on both databases with our collation. */
function found(where: ExpressionBuilder<Schema, 'hosts'>, search: string) {
  const text = search.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return where.or(
    SEARCHED.map((column) => sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`),
  )
}
