import { statSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import process from 'node:process'

import { workflowBundle } from '../worker/bundle.ts'

const { codePath } = await workflowBundle({ mayBuild: true })
const kiB = Math.ceil(statSync(codePath).size / 1024)
process.stderr.write(`muster: built ${relative(dirname(import.meta.dirname), codePath)} (${kiB} KiB)\n`)
