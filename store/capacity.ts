import { sql } from 'kysely'
import type { CapacityStore } from './contract.ts'
import type { Database } from './database.ts'

/** Design: a place without stock is avoided for 3 minutes, and for 10 when it then still has none. */
const FIRST_MS = 3 * 60_000
const AGAIN_MS = 10 * 60_000

/** Refusals this soon after a note are of launches that were on their way already: the same news. */
const SAME_NEWS_MS = 30_000

/** A note that ended longer ago than this is forgotten: the next one is a first one. */
const FORGOTTEN_MS = 10 * 60_000

export function createCapacityStore({ db }: Database): CapacityStore {
  return {
    async note({ region, zone, instanceType, spot }, code, now) {
      const columns = { code, noted_at: now, until: now + FIRST_MS, strikes: 1 }
      const isSameNews = sql`capacity_notes.noted_at > ${now - SAME_NEWS_MS} and capacity_notes.until > ${now}`
      const isForgotten = sql`capacity_notes.until <= ${now - FORGOTTEN_MS}`
      // One statement, so that hundreds of refused launches at once agree.
      const row = await db
        .insertInto('capacity_notes')
        .values({ region, zone, instance_type: instanceType, spot: spot ? 1 : 0, ...columns })
        .onConflict((conflict) =>
          conflict.columns(['region', 'zone', 'instance_type', 'spot']).doUpdateSet({
            code,
            noted_at: sql`case when ${isSameNews} then capacity_notes.noted_at else ${now} end`,
            until: sql`case when ${isSameNews} then capacity_notes.until
              when ${isForgotten} then ${now + FIRST_MS} else ${now + AGAIN_MS} end`,
            strikes: sql`case when ${isSameNews} then coalesce(capacity_notes.strikes, 1)
              when ${isForgotten} then 1 else coalesce(capacity_notes.strikes, 1) + 1 end`,
          }),
        )
        .returning('until')
        .executeTakeFirstOrThrow()
      return row.until
    },

    async active(region, now) {
      const rows = await db
        .selectFrom('capacity_notes')
        .select(['region', 'zone', 'instance_type as instanceType', 'spot', 'code', 'until'])
        .where('region', '=', region)
        .where('until', '>', now)
        .orderBy('zone')
        .orderBy('instance_type')
        .orderBy('spot')
        .execute()
      return rows.map((row) => ({ ...row, spot: row.spot === 1 }))
    },

    async strikes(region, since) {
      const rows = await db
        .selectFrom('capacity_notes')
        .select(['zone', 'instance_type as instanceType', 'spot', 'strikes'])
        .where('region', '=', region)
        .where('noted_at', '>', since)
        .orderBy('zone')
        .orderBy('instance_type')
        .orderBy('spot')
        .execute()
      return rows.map(({ spot, strikes, ...place }) => ({ ...place, spot: spot === 1, count: strikes ?? 1 }))
    },
  }
}
