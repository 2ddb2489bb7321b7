import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { actionsDocument } from './actions-doc.ts'

test('docs/emulator-actions.md is what the table of actions says', () => {
  const written = readFileSync(join(import.meta.dirname, '..', 'docs', 'emulator-actions.md'), 'utf8')
  expect(written, 'run: node emulator/write-actions-doc.ts').toBe(actionsDocument())
})
