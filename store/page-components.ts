import type { Database } from './database.ts'
import type { IncidentStore } from './incident-contract.ts'

/** What we have made of the components of status pages. */
export function createPageComponents({
  db,
}: Database): Pick<IncidentStore, 'componentStatuses' | 'keepComponentStatus'> {
  return {
    async componentStatuses(pageId) {
      const rows = await db
        .selectFrom('page_components')
        .select(['component_id', 'status'])
        .where('page_id', '=', pageId)
        .execute()
      return new Map(rows.map(({ component_id: id, status }) => [id, status]))
    },
    async keepComponentStatus(pageId, componentId, status, now) {
      if (status === null) {
        await db
          .deleteFrom('page_components')
          .where('page_id', '=', pageId)
          .where('component_id', '=', componentId)
          .execute()
        return
      }
      const is = { status, set_at: now }
      await db
        .insertInto('page_components')
        .values({ page_id: pageId, component_id: componentId, ...is })
        .onConflict((conflict) => conflict.columns(['page_id', 'component_id']).doUpdateSet(is))
        .execute()
    },
  }
}
