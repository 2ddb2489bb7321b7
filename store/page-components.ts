import { sql } from 'kysely'
import type { ComponentStatus } from '../domain/status/types.ts'
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
      return new Map(
        rows.map(({ component_id: id, status, asked }) => [
          id,
          compact({ status, asked: asked === null ? null : (asked.split(',') as ComponentStatus[]) }),
        ]),
      )
    },
    async componentAsked(pageId, componentId, status, now) {
      await db
        .insertInto('page_components')
        .values({ page_id: pageId, component_id: componentId, asked: status, set_at: now })
        .onConflict((conflict) =>
          conflict
            .columns(['page_id', 'component_id'])
            .doUpdateSet({ asked: withStatus(status), set_at: now }),
        )
        .execute()
    },
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

/** The list of what was asked for, each once, with commas between. */
const withStatus = (status: ComponentStatus) => sql<string>`
  case
    when page_components.asked is null then ${status}
    when ',' || page_components.asked || ',' like ${`%,${status},%`} then page_components.asked
    else page_components.asked || ',' || ${status}
  end`
