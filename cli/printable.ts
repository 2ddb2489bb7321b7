const KEPT: Record<string, string> = { '\n': '\n', '\t': '\t', '\r': '' }

/** What a host, a tag or a person elsewhere wrote must not command the terminal that shows it, nor turn its lines round. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => KEPT[character] ?? '\ufffd')

/** The same JSON with every text {@link printable}. */
export function withPrintable(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (Array.isArray(value)) return value.map(withPrintable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPrintable(inner)]))
}
