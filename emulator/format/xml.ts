/**
 * The cloud's XML: an element a key, arrays as repeated elements of their key's name, no attributes.
 * `{InstanceIdSets: {InstanceIdSet: ['a', 'b']}}` becomes `<InstanceIdSets><InstanceIdSet>a</InstanceIdSet>…`.
 */
export function toXml(root: string, value: Record<string, unknown>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element(root, value)}`
}

function element(name: string, value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map((entry: unknown) => element(name, entry)).join('')
  return `<${name}>${content(value)}</${name}>`
}

function content(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([key, entry]) => element(key, entry))
      .join('')
  }
  return escapeXml(typeof value === 'string' ? value : JSON.stringify(value))
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (char) => ESCAPES[char]!)
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
}
