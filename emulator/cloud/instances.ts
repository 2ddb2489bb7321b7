import type { Instance } from './instance.ts'

/** All live instances, with indexes for what clients ask by. */
export interface Instances {
  add(instance: Instance): void
  readonly get: (instanceId: string) => Instance | undefined
  remove(instanceId: string): void
  readonly size: number
  /** Newest first. */
  newestFirst(): Instance[]
  /** Newest first among those that carry every one of these tags; a value left out matches any. */
  byTags(tags: readonly { key: string; value?: string | undefined }[]): Instance[]
  byPrivateIp(address: string): Instance | undefined
  setTags(instance: Instance, tags: Readonly<Record<string, string>>): void
  removeTags(instance: Instance, keys: readonly string[] | 'all'): void
  nextOrder(): number
}

export function createInstances(): Instances {
  const byId = new Map<string, Instance>()
  const byIp = new Map<string, Instance>()
  const tagIndex = createTagIndex()
  let lastOrder = 0
  return {
    add(instance) {
      byId.set(instance.instanceId, instance)
      byIp.set(instance.privateIp, instance)
      lastOrder = Math.max(lastOrder, instance.order)
      for (const [key, value] of Object.entries(instance.tags)) tagIndex.add(instance, key, value)
    },
    get: (instanceId) => byId.get(instanceId),
    remove(instanceId) {
      const instance = byId.get(instanceId)
      if (instance === undefined) return
      byId.delete(instanceId)
      if (byIp.get(instance.privateIp) === instance) byIp.delete(instance.privateIp)
      for (const [key, value] of Object.entries(instance.tags)) tagIndex.remove(instance, key, value)
    },
    get size() {
      return byId.size
    },
    newestFirst: () => sorted([...byId.values()]),
    byTags(tags) {
      const sets = tags.map(({ key, value }) => tagIndex.carrying(key, value))
      const [smallest, ...others] = sets.toSorted((a, b) => a.size - b.size)
      return sorted([...(smallest ?? [])].filter((instance) => others.every((set) => set.has(instance))))
    },
    byPrivateIp: (address) => byIp.get(address),
    setTags(instance, tags) {
      for (const [key, value] of Object.entries(tags)) {
        if (Object.hasOwn(instance.tags, key)) tagIndex.remove(instance, key, instance.tags[key]!)
        instance.tags[key] = value
        tagIndex.add(instance, key, value)
      }
    },
    removeTags(instance, keys) {
      for (const key of keys === 'all' ? Object.keys(instance.tags) : keys) {
        if (!Object.hasOwn(instance.tags, key)) continue
        tagIndex.remove(instance, key, instance.tags[key]!)
        delete instance.tags[key]
      }
    },
    nextOrder: () => (lastOrder += 1),
  }
}

interface TagIndex {
  add(instance: Instance, key: string, value: string): void
  remove(instance: Instance, key: string, value: string): void
  carrying(key: string, value: string | undefined): ReadonlySet<Instance>
}

/** Every tag twice: by key and value, and by key alone. */
function createTagIndex(): TagIndex {
  const byTag = new Map<string, Set<Instance>>()
  const none: ReadonlySet<Instance> = new Set()
  return {
    add(instance, key, value) {
      for (const name of [tagName(key), tagName(key, value)]) {
        const found = byTag.get(name)
        if (found === undefined) byTag.set(name, new Set([instance]))
        else found.add(instance)
      }
    },
    remove(instance, key, value) {
      for (const name of [tagName(key), tagName(key, value)]) {
        const found = byTag.get(name)
        found?.delete(instance)
        if (found?.size === 0) byTag.delete(name)
      }
    },
    carrying: (key, value) => byTag.get(tagName(key, value)) ?? none,
  }
}

function tagName(key: string, value?: string): string {
  return value === undefined ? key : `${key}\u0000${value}`
}

function sorted(instances: Instance[]): Instance[] {
  return instances.sort((a, b) => b.order - a.order)
}
