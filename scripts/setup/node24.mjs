import { join } from 'node:path'
import process from 'node:process'
import { exec } from './exec.mjs'
import { isExecutable, root } from './paths.mjs'

/** The major version of Node that Muster is tested under; its TypeScript files run there without flags, node:sqlite included. */
const wanted = 24

/**
 * The Node 24 that everything but this set-up runs under: the npm package `node`, else the Node we are running in.
 * @param {{ folder?: string, self?: { path: string, version: string } }} [from] where node_modules is, and this process's Node
 * @returns {Promise<string>} absolute path
 * @throws when neither is Node 24, with what to do
 */
export async function findNode24({
  folder = root,
  self = { path: process.execPath, version: process.version },
} = {}) {
  const candidates = ['node/bin/node', '.bin/node'].map((path) => join(folder, 'node_modules', path))
  const path = candidates.find((candidate) => isExecutable(candidate))
  const packaged = path === undefined ? 'is missing' : await versionOf(path)
  if (path !== undefined && major(packaged) === wanted) return path
  if (major(self.version) === wanted) return self.path
  throw new Error(
    `Muster runs under Node ${wanted}, but the npm package \`node\` in node_modules ${packaged.startsWith('v') ? `is ${packaged}` : packaged} ` +
      `and this is Node ${self.version}. If packages were installed with --ignore-scripts, the package could not place its program: ` +
      `run \`npm ci\` without that flag (npm config get ignore-scripts), or install Node ${wanted} yourself and start with it.`,
  )
}

/** @param {string} path */
async function versionOf(path) {
  const result = await exec(path, ['--version'], { timeoutMs: 20_000 })
  return result.code === 0 ? result.stdout.trim() : `does not run (${result.stderr.trim()})`
}

/** @param {string} version such as `v24.21.0` */
function major(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0)
}
