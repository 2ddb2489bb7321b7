/** RFC 3986 percent-encoding as both of the cloud's signatures want it: space %20, `*` %2A, `~` kept. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Name/value pairs sorted by name (code units), encoded and joined as a query. */
export function canonicalQuery(pairs: Iterable<readonly [string, string]>): string {
  return [...pairs]
    .map(([name, value]) => [name, `${percentEncode(name)}=${percentEncode(value)}`] as const)
    .sort(([a, left], [b, right]) => (a < b ? -1 : a > b ? 1 : left < right ? -1 : 1))
    .map(([, text]) => text)
    .join('&')
}
