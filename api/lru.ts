/** A map that forgets what was not used for long. */
export interface Lru<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

/**
 * Two halves: what is used moves into the younger one, and when that is full the older one is forgotten. A look at
 * something that is used often is one look into a map, with nothing to write.
 *
 * @param capacity number of entries kept, at least 2; one half of it at least, in the order of use
 */
export function createLru<V>(capacity: number): Lru<V> {
  const half = Math.ceil(capacity / 2)
  let young = new Map<string, V>()
  let old = new Map<string, V>()

  function put(key: string, value: V): void {
    if (young.size >= half && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) put(key, older)
      return older
    },
    set: put,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
  }
}
