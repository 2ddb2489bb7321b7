/**
 * Every text in a message of Temporal, for searching: payloads as what they hold. (As JSON they would be base64: messages
 * turn themselves into JSON before a replacer sees them.)
 */
export function textsIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, part]: [string, unknown]) => `${name}: ${textsIn(part)}`)
    .join('\n')
}
