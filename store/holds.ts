import { compact } from './compact.ts'
import type { HoldStore } from './contract.ts'
import type { Database } from './database.ts'

export function createHoldStore({ db }: Database): HoldStore {
  return {
    async active(region, now) {
      const rows = await db
        .selectFrom('holds')
        .select(['scope', 'image_id as imageId', 'zone', 'instance_type as instanceType', 'fleet'])
        .select(['reason', 'opened_at as openedAt', 'until'])
        .where('region', '=', region)
        .where((where) => where.or([where('closed_at', 'is', null), where('closed_at', '>', now)]))
        .orderBy('opened_at')
        .orderBy('id')
        .execute()
      return rows.map(compact)
    },
  }
}
