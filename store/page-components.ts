import { compact } from './compact.ts'
import type { Database } from './database.ts'
import type { IncidentStore } from './incident-contract.ts'
import type { PageComponentsTable } from './schema.ts'

/** What we have made of the components of status pages. */
export function createPageComponents({
  db,
}: Database): Pick<IncidentStore, 'components' | 'componentAsked' | 'componentSet' | 'componentLeft'> {
  const put = async (
    pageId: string,
    componentId: string,
    change: Partial<Omit<PageComponentsTable, 'page_id' | 'component_id'>> & { set_at: number },
  ): Promise<void> => {
    await db
      .insertInto('page_components')
      .values({ page_id: pageId, component_id: componentId, ...change })
      .onConflict((conflict) => conflict.columns(['page_id', 'component_id']).doUpdateSet(change))
      .execute()
  }
  return {
    async components(pageId) {
      const rows = await db
        .selectFrom('page_components')
        .select(['component_id', 'status', 'asked'])
        .where('page_id', '=', pageId)
        .execute()
      return new Map(rows.map(({ component_id: id, ...given }) => [id, compact(given)]))
    },
    componentAsked: (pageId, id, asked, now) => put(pageId, id, { asked, set_at: now }),
    componentSet: (pageId, id, status, now) => put(pageId, id, { status, asked: null, set_at: now }),
    async componentLeft(pageId, componentId) {
      await db
        .deleteFrom('page_components')
        .where('page_id', '=', pageId)
        .where('component_id', '=', componentId)
        .execute()
    },
  }
}
