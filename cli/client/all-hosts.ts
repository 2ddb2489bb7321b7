import type { ApiClient } from './api.ts'
import type { HostPage, HostView } from './answers.ts'

export interface HostFilter {
  fleet?: string
  phase?: string
  search?: string
  retired?: boolean
}

const PAGE = 1_000

/** Every page of the list. */
export async function allHosts(api: ApiClient, filter: HostFilter): Promise<HostView[]> {
  const { fleet, phase, search, retired } = filter
  const query = new URLSearchParams({
    limit: String(PAGE),
    ...(fleet !== undefined && { fleet }),
    ...(phase !== undefined && { phase }),
    ...(search !== undefined && { search }),
    ...(retired && { includeRetired: 'true' }),
  })
  const found: HostView[] = []
  for (;;) {
    const { hosts, next } = await api.get<HostPage>(`/v1/hosts?${query.toString()}`)
    found.push(...hosts)
    if (next === undefined) return found
    query.set('after', next)
  }
}
