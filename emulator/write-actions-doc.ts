/** Writes docs/emulator-actions.md: `node emulator/write-actions-doc.ts`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionsDocument } from './actions-doc.ts'

writeFileSync(join(import.meta.dirname, '..', 'docs', 'emulator-actions.md'), actionsDocument())
