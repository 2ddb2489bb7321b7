import type { Emulator } from '../../emulator/index.ts'
import { TAGS } from '../../domain/tags.ts'

/** Counts instances whenever one is made: a second one that lives for a moment only is seen as well. */
export interface LiveCount {
  /** The most live instances that this host has ever had at once; preserved ones are not its own any more. */
  most(host: string): number
  /** How many instances were ever made for this host. */
  made(host: string): number
}

export function countLive({ cloud: { instances } }: Emulator): LiveCount {
  const most = new Map<string, number>()
  const made = new Map<string, number>()
  const add = instances.add.bind(instances)
  instances.add = (instance) => {
    add(instance)
    const host = instance.tags[TAGS.host] ?? ''
    const live = instances
      .byTags([{ key: TAGS.host, value: host }])
      .filter(({ releasing, tags }) => !releasing && !(TAGS.preserveUntil in tags)).length
    most.set(host, Math.max(most.get(host) ?? 0, live))
    made.set(host, (made.get(host) ?? 0) + 1)
  }
  return { most: (host) => most.get(host) ?? 0, made: (host) => made.get(host) ?? 0 }
}
