import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Loaded once for a worker, not once for each workflow. */
export const PRELOADED_MODULE = join(root, 'workflows', 'preloaded.ts')

/**
 * The bundled workflow code, as a file. It is made when the sources or the SDK have changed (about 2 s) and kept in
 * `cacheDir` under the hash of what it was made from, so that a start costs nothing and production runs what was built.
 */
export async function workflowBundle(cacheDir = join(root, 'dist')): Promise<{ codePath: string }> {
  const codePath = join(cacheDir, `workflows-${await sourceHash()}.js`)
  if (await exists(codePath)) return { codePath }
  await mkdir(cacheDir, { recursive: true })
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    preloadModules: [PRELOADED_MODULE],
    logger: quiet,
  })
  // Several processes, or several starts in one, may make it at the same time.
  const temporary = `${codePath}.${randomUUID()}`
  await writeFile(temporary, code)
  await rename(temporary, codePath)
  return { codePath }
}

async function sourceHash(): Promise<string> {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string }
  const hash = createHash('sha256').update(version)
  for (const folder of ['workflows', 'domain']) {
    const names = await readdir(join(root, folder), { recursive: true })
    for (const name of names
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .toSorted()) {
      hash.update(`${folder}/${name}\0`).update(await readFile(join(root, folder, name)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

const nothing = () => {}
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing }
