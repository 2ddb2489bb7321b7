import { instanceTags, isTaggedFor } from '../../domain/tags.ts'
import type { FoundInstance, InstanceQuery } from '../contract.ts'
import type { EcsWork } from './region-calls.ts'

/** Every instance of exactly this attempt, by its tags. */
export async function findInstances(work: EcsWork, input: InstanceQuery): Promise<FoundInstance[]> {
  const { store, clock } = work.deps
  const listed = await work.region(input.region).ecs.findInstances(instanceTags(input.owner, input.key))
  const found = listed
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
