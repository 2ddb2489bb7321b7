import { expect, test } from 'vitest'
import { knownFields, musterJsonSchema } from './json-schema.ts'

// Out of date? Rewrite it: vitest run --project unit domain/config -u
test('muster.schema.json at the root is what the schema says now', async () => {
  await expect(`${layout(musterJsonSchema())}\n`).toMatchFileSnapshot('../../muster.schema.json')
})

test('known fields are those of the place, in maps, lists and alternatives', () => {
  expect(knownFields([])).toContain('fleets')
  expect(knownFields(['fleets', 'any'])).toEqual(expect.arrayContaining(['size', 'hosts']))
  expect(knownFields(['fleets', 'any', 'hosts', 'placements', 3, 'spot'])).toEqual(['priceLimit', 'fallback'])
  expect(knownFields(['controller'])).toEqual([])
})

/** JSON as the formatter of this repository lays it out: lists of words on one line when they fit. */
function layout(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /( *)("[^"\n]*": )?\[\n([^[\]{}]*?)\n *\](,?)/g,
    (whole, indent: string, name: string | undefined, items: string, comma: string) => {
      const line = `${indent}${name ?? ''}[${items.trim().replaceAll(/\n */g, ' ')}]${comma}`
      return line.length <= 110 ? line : whole
    },
  )
}
