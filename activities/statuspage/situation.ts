import type { HostSpec } from '../../domain/spec.ts'
import type { Situation } from '../../domain/status/conditions.ts'
import type { ReportActivityDeps } from './deps.ts'

/** More than a page could show. */
const MAX_HOLDS = 1_000

/** What is so, by the store: holds are its own truth, freezes are as the fleets have last reported them. */
export async function readSituation({
  store,
  clock,
}: Pick<ReportActivityDeps, 'store' | 'clock'>): Promise<Situation> {
  const [holds, all] = await Promise.all([
    store.holds.list({ limit: MAX_HOLDS }, clock()),
    store.fleets.list(),
  ])
  // A fleet that wants no hosts launches none: a hold stops nothing of it, and would never be closed by a probe.
  const fleets = all.filter(({ desired, status }) => desired > 0 || status?.frozen !== undefined)
  const hashes = [...new Set(fleets.map(({ specHash }) => specHash))]
  const specs = new Map<string, HostSpec | undefined>(
    await Promise.all(hashes.map(async (hash) => [hash, await store.specs.get(hash)] as const)),
  )
  return {
    holds,
    fleets: fleets.map(({ name, specHash, status }) => {
      const spec = specs.get(specHash)
      return { name, ...(spec && { spec }), ...(status?.frozen && { frozen: status.frozen }) }
    }),
  }
}
