import type { HostSpec } from '../../domain/spec.ts'
import type { Store } from '../../store/contract.ts'
import { createLru } from '../lru.ts'

export type SpecReader = (hash: string) => Promise<HostSpec | undefined>

/**
 * Specs are named by their hash, so one that was read once never changes. A fleet has few: 200 cover many roll-outs. A
 * whole fleet that asks at once, before any was read, asks the store once.
 */
export function createSpecReader(store: Pick<Store, 'specs'>): SpecReader {
  const known = createLru<HostSpec>(200)
  const asked = new Map<string, Promise<HostSpec | undefined>>()

  async function ask(hash: string): Promise<HostSpec | undefined> {
    try {
      const spec = await store.specs.get(hash)
      if (spec !== undefined) known.set(hash, spec)
      return spec
    } finally {
      asked.delete(hash)
    }
  }

  return async function readSpec(hash) {
    const spec = known.get(hash)
    if (spec !== undefined) return spec
    const answer = asked.get(hash) ?? ask(hash)
    asked.set(hash, answer)
    return await answer
  }
}
