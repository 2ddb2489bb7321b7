import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

/** A new folder that is gone after the tests of this file. */
export function tempFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `muster-${name}-`))
  made.push(folder)
  return folder
}

afterAll(() => {
  // Programs that are just ending may write a last line while the folder is being emptied.
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
