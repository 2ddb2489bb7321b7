import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'
import { PRELOADED_MODULE } from '../../worker/bundle.ts'

const WORKFLOWS = {
  hosts: new URL('../../workflows/index.ts', import.meta.url),
  rivals: new URL('../workflows/rivals.ts', import.meta.url),
}
const onTimer = fileURLToPath(new URL('../workflows/on-timer.ts', import.meta.url))

/**
 * Bundles a set of workflows for quick workers. Rivals have a bundle of their own: every module of a bundle is made again
 * for each workflow, and they must not pay for Muster's.
 * @returns path of the bundle in that folder
 */
export async function quickBundle(set: keyof typeof WORKFLOWS, folder: string): Promise<string> {
  const nothing = () => {}
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(WORKFLOWS[set]),
    workflowInterceptorModules: [onTimer],
    preloadModules: set === 'hosts' ? [PRELOADED_MODULE] : [],
    logger: { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
  })
  const codePath = join(folder, `${set}.js`)
  await writeFile(codePath, code)
  return codePath
}
