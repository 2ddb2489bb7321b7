import { parseHostId } from '../domain/ids.ts'
import type { HostPhase } from '../domain/host/types.ts'
import { compact } from './compact.ts'
import type { HostStore } from './contract.ts'
import type { Database } from './database.ts'
import { fromColumns } from './host-row.ts'
import { keysInUse } from './keys-in-use.ts'
import { listHosts } from './list-hosts.ts'
import { recordHost } from './record-host.ts'
import { regionsOfHosts } from './regions-of-hosts.ts'
import { setBeats } from './set-beats.ts'
import { setFacts } from './set-facts.ts'

export function createHostStore(database: Database): HostStore {
  const { db } = database
  return {
    async record(record, now) {
      parseHostId(record.host)
      await recordHost(database, record, now)
    },

    async get(host) {
      const row = await db.selectFrom('hosts').selectAll().where('host', '=', host).executeTakeFirst()
      return row && fromColumns(row)
    },

    list: (filter) => listHosts(db, filter),

    counts: (fleet) => countHosts(db, fleet),

    regions: () => regionsOfHosts(db),

    keysInUse: () => keysInUse(db),

    async summaries(hosts) {
      if (hosts.length === 0) return [] // PostgreSQL knows no empty list
      const rows = await db
        .selectFrom('hosts')
        .select(['host', 'generation', 'attempt', 'phase', 'instance_id as instanceId'])
        .select(['spec_hash as specHash', (row) => row('facts', 'is not', null).as('hasFacts')])
        .where('host', 'in', [...hosts])
        .execute()
      return rows.map(({ hasFacts, ...row }) => ({ ...compact(row), hasFacts: Boolean(hasFacts) }))
    },

    setFacts: (told, now) => setFacts(database, told, now),

    setBeats: (beats) => setBeats(database, beats),

    // One statement is one snapshot on both databases.
    async readyAndSilent(fleet) {
      return db
        .selectFrom('hosts')
        .select(['host', 'phase', 'phase_at as phaseAt'])
        .where('fleet', '=', fleet)
        .where('phase', 'in', ['ready', 'silent'])
        .orderBy('host')
        .execute()
    },
  }
}

async function countHosts(db: Database['db'], fleet?: string): ReturnType<HostStore['counts']> {
  const rows = await db
    .selectFrom('hosts')
    .select(['fleet', 'phase', (count) => count.fn.countAll<number>().as('hosts')])
    .where('phase', '!=', 'retired')
    .$if(fleet !== undefined, (query) => query.where('fleet', '=', fleet ?? ''))
    .groupBy(['fleet', 'phase'])
    .orderBy('fleet')
    .orderBy('phase')
    .execute()
  const counts: Record<string, Partial<Record<HostPhase, number>>> = {}
  for (const { fleet: name, phase, hosts } of rows) (counts[name] ??= {})[phase] = hosts
  return counts
}
