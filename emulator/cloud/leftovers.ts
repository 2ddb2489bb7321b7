import type { Leftover } from './storage.ts'

/** Disks and network interfaces that outlived their instance. */
export interface Leftovers {
  add(one: Leftover): void
  readonly get: (id: string) => Leftover | undefined
  remove(id: string): void
  all(): Leftover[]
}

export function createLeftovers(): Leftovers {
  const byId = new Map<string, Leftover>()
  return {
    add: (one) => void byId.set(one.id, one),
    get: (id) => byId.get(id),
    remove: (id) => void byId.delete(id),
    all: () => [...byId.values()],
  }
}
