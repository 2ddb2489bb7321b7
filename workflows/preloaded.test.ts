import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = dirname(import.meta.dirname)
const entry = join(import.meta.dirname, 'index.ts')

/** The sources that a bundle of the workflows would take: what is imported for more than its types. */
function bundled(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return seen
  const text = readFileSync(file, 'utf8')
  seen.set(file, text)
  for (const [, path = ''] of text.matchAll(/^(?:import|export) (?!type)[^']*?from '(\..+)'$/gm))
    bundled(join(dirname(file), path), seen)
  return seen
}

/** Top-level variables, and collections that the compiler does not hold to be read only. */
const STATE =
  /^(?:export )?(?:let|var)\b.*|^(?:export )?const \w+(?:: (?!Readonly)[^=]+)? = (?:new (?:Weak)?(?:Map|Set)|\[\]|\{\}|new Array).*/gm

test('the shared modules of workflows keep nothing: one workflow never sees what another did', () => {
  const sources = bundled(entry)
  const names = [...sources.keys()].map((file) => relative(root, file))
  expect(names).toContain('workflows/host/steps.ts')
  expect(names).toContain('domain/fleet/decide.ts')
  const found = [...sources].flatMap(([file, text]) =>
    [...text.matchAll(STATE)].map(([line]) => `${relative(root, file)}: ${line}`),
  )
  expect(found).toEqual([])
})

test.each([
  'let count = 0',
  'export let last: string | undefined',
  'const seen = new Map<string, number>()',
  'const known = []',
  'const later: Map<string, number> = new Map()',
  'const byName = {}',
])('%s would be found', (line) => {
  expect(`import {} from 'x'\n${line}\n`.match(STATE)).toEqual([line])
})
