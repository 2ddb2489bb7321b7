/**
 * A value as JSON with sorted keys: equal values give equal texts, whatever the order of their keys, so that the texts can
 * be compared and hashed. `undefined`, which JSON lacks, gives that word.
 */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  )
}
