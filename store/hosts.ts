import { parseHostId } from '../domain/ids.ts'
import type { HostPhase } from '../domain/host/types.ts'
import { attemptColumns } from './attempt.ts'
import type { HostStore } from './contract.ts'
import type { Database } from './database.ts'
import { fromColumns } from './host-row.ts'
import { jsonWithin } from './limits.ts'
import { listHosts } from './list-hosts.ts'
import { recordHost } from './record-host.ts'
import { setBeats } from './set-beats.ts'

const MAX_FACTS_BYTES = 16 * 1024

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

    async counts(fleet) {
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
    },

    async setFacts(key, facts, now) {
      await db
        .updateTable('hosts')
        .set({ facts: jsonWithin(facts, MAX_FACTS_BYTES, `the facts of ${key.host}`), updated_at: now })
        .where((where) => where.and(attemptColumns(key)))
        .execute()
    },

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
