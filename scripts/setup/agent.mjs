import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exec, lastLines } from './exec.mjs'
import { withLock } from './lock.mjs'
import { root } from './paths.mjs'

const bundle = join(root, 'dist', 'agent.cjs')
const builder = join(root, 'scripts', 'build-agent.ts')

/** What the bundle is made of: the folders it may import from, the lockfile for its packages, and how it is built. */
const inputs = [join(root, 'agent'), join(root, 'domain'), join(root, 'package-lock.json'), builder]

/**
 * Builds dist/agent.cjs when it is older than anything that it is made of.
 * @param {string} node24
 * @throws with what the build said
 */
export async function ensureAgent(node24) {
  if (isFresh()) return
  await withLock(join(root, '.muster', 'agent.lock'), async () => {
    if (isFresh()) return
    const result = await exec(node24, [builder], { cwd: root, timeoutMs: 120_000 })
    if (result.code !== 0) throw new Error(`building the agent failed:\n${lastLines(result)}`)
  })
}

function isFresh() {
  const built = existsSync(bundle) ? statSync(bundle).mtimeMs : 0
  return built > 0 && inputs.every((input) => newest(input) < built)
}

/**
 * Last change in a folder or of a file. A folder's own time counts too: it changes when an entry goes.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 0
  if (!found.isDirectory()) return path.endsWith('.test.ts') ? 0 : found.mtimeMs
  return Math.max(found.mtimeMs, ...readdirSync(path).map((entry) => newest(join(path, entry))))
}
