import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'
import { MusterError } from '../domain/errors.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Loaded once for a worker, not once for each workflow. */
export const PRELOADED_MODULE = join(root, 'workflows', 'preloaded.ts')

export interface BundleOptions {
  /** Where bundles are kept. */
  folder?: string
  /** Whether one is made where there is none: everywhere but in production (`NODE_ENV`), where what was built is run. */
  mayBuild?: boolean
}

/**
 * The bundled workflow code, as a file. It is kept in `folder` under the hash of what it was made from, the sources and
 * the SDK: one that is there is what these sources say, and is taken as it is; one of other sources is never taken.
 * Making it takes about 2 s.
 * @throws MusterError `not_found` where there is none and none may be made
 */
export async function workflowBundle({
  folder = join(root, 'dist'),
  mayBuild = process.env['NODE_ENV'] !== 'production',
}: BundleOptions = {}): Promise<{ codePath: string }> {
  const codePath = join(folder, `workflows-${await sourceHash()}.js`)
  if (await exists(codePath)) return { codePath }
  if (!mayBuild) {
    throw new MusterError(
      'not_found',
      `there is no bundle of these workflows: ${codePath} is missing, and with NODE_ENV=production none is made at the start; run: npm run build:workflows`,
    )
  }
  await build(codePath)
  return { codePath }
}

async function build(codePath: string): Promise<void> {
  await mkdir(dirname(codePath), { recursive: true })
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    preloadModules: [PRELOADED_MODULE],
    logger: quiet,
  })
  // Several processes, or several starts in one, may make it at the same time.
  const temporary = `${codePath}.${randomUUID()}`
  await writeFile(temporary, code)
  await rename(temporary, codePath)
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
