import type { HostSpec } from '../../domain/spec.ts'
import type { Store } from '../../store/contract.ts'
import { createLru } from '../lru.ts'

export type SpecReader = (hash: string) => Promise<HostSpec | undefined>

/** Specs are named by their hash, so one that was read once never changes. A fleet has few: 200 cover many roll-outs. */
export function createSpecReader(store: Pick<Store, 'specs'>): SpecReader {
  const known = createLru<HostSpec>(200)
  return async function readSpec(hash) {
    const spec = known.get(hash) ?? (await store.specs.get(hash))
    if (spec !== undefined) known.set(hash, spec)
    return spec
  }
}
