import { instanceTags, isTaggedFor } from '../../domain/tags.ts'
import type { FindInput, FoundInstance } from '../contract.ts'
import type { CloudInstance } from './api.ts'
import type { EcsWork } from './region-calls.ts'

/**
 * Every instance of exactly this attempt, by its tags. Where the list has none (it may be late), the one that an agent
 * claims is looked at; its tags decide as well.
 */
export async function findInstances(work: EcsWork, input: FindInput): Promise<FoundInstance[]> {
  const { store, clock } = work.deps
  const listed = await work.region(input.region).ecs.findInstances(instanceTags(input.owner, input.key))
  const found = (listed.length > 0 ? listed : await claimed(work, input))
    .filter(({ tags }) => isTaggedFor(tags, input.owner, input.key))
    .map(({ instanceId, status, privateIp, mac }) => ({
      instanceId,
      status,
      ...(privateIp ? { privateIp } : {}),
      ...(mac ? { mac } : {}),
    }))
  await store.hosts.record(input.record, clock())
  return found
}

async function claimed(work: EcsWork, { region, claimedId }: FindInput): Promise<CloudInstance[]> {
  // An agent may write anything there: what is no id is not asked for.
  if (claimedId === undefined || !/^i-[a-z0-9]{1,40}$/.test(claimedId)) return []
  const instance = await work.region(region).look(claimedId)
  return instance ? [instance] : []
}
