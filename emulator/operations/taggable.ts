import type { Cloud } from '../cloud/cloud.ts'
import type { Instance } from '../cloud/instance.ts'
import type { Leftover } from '../cloud/storage.ts'

/** What tags can be set of: an instance, or a disk or network interface that outlived its own. */
export interface Taggable {
  id: string
  /** As requests name it. */
  type: 'instance' | 'disk' | 'eni'
  regionId: string
  /** Falls through listings, newest first. */
  rank: number
  tags: Readonly<Record<string, string>>
  set(tags: Readonly<Record<string, string>>): void
  remove(keys: readonly string[] | 'all'): void
}

/** Undefined when there is none that a client can see. */
export function taggableOf(cloud: Cloud, type: string, id: string): Taggable | undefined {
  if (type === 'instance') {
    const instance = cloud.instances.get(id)
    return instance?.visible.id ? ofInstance(cloud, instance) : undefined
  }
  const left = cloud.leftovers.get(id)
  return left !== undefined && typeOf(left) === type ? ofLeftover(cloud, left) : undefined
}

/** Those that carry every one of these tags, newest first. */
export function taggablesBy(
  cloud: Cloud,
  type: string,
  tags: readonly { key: string; value: string | undefined }[],
): Taggable[] {
  if (type === 'instance') {
    const found = cloud.instances.byTags(tags).filter((instance) => instance.visible.id)
    return found.map((instance) => ofInstance(cloud, instance))
  }
  return cloud.leftovers
    .all()
    .filter((left) => typeOf(left) === type)
    .sort((a, b) => b.rank - a.rank)
    .map((left) => ofLeftover(cloud, left))
}

const typeOf = ({ kind }: Leftover): 'disk' | 'eni' => (kind === 'disk' ? 'disk' : 'eni')

function ofInstance(cloud: Cloud, instance: Instance): Taggable {
  return {
    id: instance.instanceId,
    type: 'instance',
    regionId: instance.regionId,
    rank: instance.order,
    tags: instance.tags,
    set(tags) {
      cloud.instances.setTags(instance, tags)
      cloud.saved(instance)
    },
    remove(keys) {
      cloud.instances.removeTags(instance, keys)
      cloud.saved(instance)
    },
  }
}

function ofLeftover(cloud: Cloud, left: Leftover): Taggable {
  return {
    id: left.id,
    type: typeOf(left),
    regionId: left.regionId,
    rank: left.rank,
    tags: left.tags,
    set(tags) {
      Object.assign(left.tags, tags)
      cloud.savedLeftover(left)
    },
    remove(keys) {
      for (const key of keys === 'all' ? Object.keys(left.tags) : keys) delete left.tags[key]
      cloud.savedLeftover(left)
    },
  }
}
