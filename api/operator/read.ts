import type { HostId } from '../../domain/ids.ts'
import { hostId } from '../../domain/ids.ts'
import type { HostFilter, HostRow } from '../../store/contract.ts'
import type { ApiDeps } from '../deps.ts'
import { askStore } from '../store-call.ts'
import { viewFleet, viewHost } from './views.ts'
import type { FleetView, HostView } from './views.ts'

export async function readFleets(deps: ApiDeps): Promise<FleetView[]> {
  const { store } = deps
  const [rows, counts] = await askStore('list the fleets', () =>
    Promise.all([store.fleets.list(), store.hosts.counts()]),
  )
  return rows.map((row) => viewFleet(deps, row, counts[row.name] ?? {}))
}

export async function readFleet(deps: ApiDeps, name: string): Promise<FleetView | undefined> {
  const { store } = deps
  const [row, counts] = await askStore('read the fleet', () =>
    Promise.all([store.fleets.get(name), store.hosts.counts(name)]),
  )
  return row && viewFleet(deps, row, counts[name] ?? {})
}

/** One page of hosts in order of id; `next` is the cursor of the following one. */
export async function readHosts(
  deps: ApiDeps,
  filter: HostFilter & { limit: number },
): Promise<{ hosts: HostView[]; next?: HostId }> {
  // One more than asked for tells whether there is another page.
  const rows = await askStore('list the hosts', () =>
    deps.store.hosts.list({ ...filter, limit: Math.min(filter.limit + 1, 1_000) }),
  )
  const page = rows.slice(0, filter.limit)
  const last = rows.length > page.length || rows.length === 1_000 ? page.at(-1) : undefined
  return { hosts: page.map((row) => viewHost(deps, row)), ...(last === undefined ? {} : { next: last.host }) }
}

export async function readHost(deps: ApiDeps, id: HostId): Promise<HostRow | undefined> {
  return await askStore('read the host', () => deps.store.hosts.get(id))
}

/** @throws MusterError `bad_request` for slot 0 */
export const idOf = (params: { fleet: string; slot: string }): HostId =>
  hostId(params.fleet, Number(params.slot))
