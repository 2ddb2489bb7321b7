import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'

import { bundleAgent } from './agent-bundle.ts'

const root = dirname(import.meta.dirname)
const target = join(root, 'dist', 'agent.cjs')

/** Makes `dist/agent.cjs`, put in place by a rename: hosts and benchmarks may be reading the old one. */
async function buildAgent(): Promise<void> {
  mkdirSync(dirname(target), { recursive: true })
  const fresh = `${target}.${process.pid}.tmp`
  try {
    await bundleAgent(fresh)
    renameSync(fresh, target)
  } finally {
    rmSync(fresh, { force: true })
  }
  const kiB = Math.ceil(statSync(target).size / 1024)
  process.stderr.write(`muster: built ${relative(root, target)} (${kiB} KiB)\n`)
}

await buildAgent()
