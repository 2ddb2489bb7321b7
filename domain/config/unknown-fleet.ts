import type { Pieces } from './pieces.ts'
import { suggest } from './suggest.ts'

/** What is said of the name of a fleet that the file does not have; nothing where its fleets are no map, which is reported already. */
export function unknownFleet({ raw: { fleets = {} } }: Pieces, name: string): string | undefined {
  if (typeof fleets !== 'object' || fleets === null || Array.isArray(fleets)) return undefined
  const names = Object.keys(fleets)
  if (names.includes(name)) return undefined
  const near = suggest(name, names)
  const hint = near === undefined ? `known are ${names.join(', ') || 'none'}` : `did you mean ${near}?`
  return `there is no fleet "${name}" in this file; ${hint}`
}
