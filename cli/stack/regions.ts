import type { MusterConfig } from '../../domain/config/index.ts'
import type { Store } from '../../store/contract.ts'

/**
 * Regions whose queues a worker serves: the config's, and those where hosts still are or fleets still launch because
 * `cloud.region` was another when they were applied. Without a worker their launches and deletes would wait for ever.
 */
export async function servedRegions({ cloud }: MusterConfig, store: Store): Promise<string[]> {
  const [ofHosts, fleets] = await Promise.all([store.hosts.regions(), store.fleets.list()])
  const specs = await Promise.all(fleets.map(({ specHash }) => store.specs.get(specHash)))
  const ofFleets = specs.flatMap((spec) => (spec ? [spec.region] : []))
  return [...new Set([cloud.region, ...ofHosts, ...ofFleets])]
}
