import { compact } from './compact.ts'
import type { JournalStore } from './contract.ts'
import type { Database } from './database.ts'
import { pageLimit, rowCursor } from './limits.ts'

export function createJournalStore({ db }: Database): JournalStore {
  return {
    async list({ host, fleet, generation, before, limit }) {
      const rows = await db
        .selectFrom('host_events')
        .select(['id', 'host', 'generation', 'seq', 'at', 'kind', 'attempt', 'text', 'data'])
        .select('recorded_at as recordedAt')
        .$if(host !== undefined, (query) => query.where('host', '=', host ?? ''))
        .$if(fleet !== undefined, (query) => query.where('fleet', '=', fleet ?? ''))
        .$if(generation !== undefined, (query) => query.where('generation', '=', generation ?? ''))
        .$if(before !== undefined, (query) => query.where('id', '<', rowCursor(before ?? 0)))
        .orderBy('id', 'desc')
        .limit(pageLimit(limit))
        .execute()
      return rows.map((row) => {
        const { data, ...rest } = compact(row)
        return { ...rest, ...(data !== undefined && { data: JSON.parse(data) as Record<string, unknown> }) }
      })
    },
  }
}
