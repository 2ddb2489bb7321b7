import type { PulseStore } from './contract.ts'
import type { Database } from './database.ts'

/** A process silent for a day will not come back under its id. */
const FORGOTTEN_MS = 24 * 3_600_000

export function createPulseStore({ db, write }: Database): PulseStore {
  return {
    async beat(id, startedAt, now) {
      const columns = { started_at: startedAt, last_at: now }
      await write(async (trx) => {
        await trx
          .insertInto('pulses')
          .values({ id, ...columns })
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet(columns).where('pulses.last_at', '<=', now),
          )
          .execute()
        await trx
          .deleteFrom('pulses')
          .where('last_at', '<', now - FORGOTTEN_MS)
          .execute()
      })
    },

    async alive(now, maxAgeMs) {
      return db
        .selectFrom('pulses')
        .select(['id', 'started_at as startedAt', 'last_at as lastAt'])
        .where('last_at', '>', now - maxAgeMs)
        .orderBy('id')
        .execute()
    },
  }
}
