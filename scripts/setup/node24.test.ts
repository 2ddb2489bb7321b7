import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { scratchFolder } from '../testing.ts'

interface Node24Module {
  findNode24: (from: { folder: string; self: { path: string; version: string } }) => Promise<string>
}
const { findNode24 } = (await import(new URL('./node24.mjs', import.meta.url).href)) as Node24Module

const old = { path: '/usr/bin/node', version: 'v20.20.2' }

/** A folder whose npm package `node` answers with that version. */
function withPackage(version: string): { folder: string; program: string } {
  const folder = scratchFolder()
  const program = join(folder, 'node_modules', 'node', 'bin', 'node')
  mkdirSync(join(program, '..'), { recursive: true })
  writeFileSync(program, `#!/bin/sh\necho ${version}\n`)
  chmodSync(program, 0o755)
  return { folder, program }
}

test('the npm package node is preferred when it is Node 24', async () => {
  const { folder, program } = withPackage('v24.21.0')
  expect(await findNode24({ folder, self: { path: '/usr/bin/node', version: 'v26.0.0' } })).toBe(program)
})

test('a Node 24 of the system serves when the package has none', async () => {
  const self = { path: '/usr/bin/node', version: 'v24.1.0' }
  expect(await findNode24({ folder: scratchFolder(), self })).toBe('/usr/bin/node')
})

test('without any Node 24 the error says what was found and what to do', async () => {
  await expect(findNode24({ folder: scratchFolder(), self: old })).rejects.toThrow(
    /is missing and this is Node v20\.20\.2.*--ignore-scripts/,
  )
  const { folder } = withPackage('v22.1.0')
  await expect(findNode24({ folder, self: old })).rejects.toThrow(/is v22\.1\.0.*npm ci/)
  const newer = { path: '/usr/bin/node', version: 'v26.0.0' }
  await expect(findNode24({ folder, self: newer })).rejects.toThrow(/this is Node v26\.0\.0/)
})
