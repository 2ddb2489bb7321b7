import type { HostFilter, HostRow, Store } from './contract.ts'

const PAGE = 1_000

/** Every host that the filter takes, page by page. */
export async function allHosts(
  { hosts }: Pick<Store, 'hosts'>,
  filter: Omit<HostFilter, 'limit' | 'after'>,
): Promise<HostRow[]> {
  const rows: HostRow[] = []
  for (let page = await hosts.list({ ...filter, limit: PAGE }); ;) {
    rows.push(...page)
    const last = page.at(-1)
    if (page.length < PAGE || !last) return rows
    page = await hosts.list({ ...filter, limit: PAGE, after: last.host })
  }
}
