import { join } from 'node:path'
import { MusterError } from '../domain/errors.ts'
import type { Api } from './post.ts'

/** One plain name: nothing that could leave the folder, on any system. */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/

/**
 * Fetches the files a workload needs into `folder`, each whole or not at all.
 *
 * @throws MusterError `bad_request` for a name that is no plain file name; `not_found` when the API refuses a file
 */
export async function fetchFiles(names: string[], folder: string, api: Api): Promise<void> {
  // Loaded here: a megabyte that an agent without files need not keep.
  const { mkdir, rename, writeFile } = await import('node:fs/promises')
  await mkdir(folder, { recursive: true })
  for (const name of names) {
    if (!FILE_NAME.test(name)) {
      throw new MusterError(
        'bad_request',
        `"${name}" is not a plain file name: letters, digits, dot, dash, underscore`,
      )
    }
    const outcome = await api.download(`/v1/agent/files/${name}`)
    if (outcome.kind !== 'accepted') {
      const reason = outcome.kind === 'refused' ? `${outcome.status} ${outcome.message}` : outcome.reason
      throw new MusterError('not_found', `the file "${name}" of the workload was refused: ${reason}`)
    }
    const partial = join(folder, `.${name}.part`)
    await writeFile(partial, outcome.body, { mode: 0o755 })
    await rename(partial, join(folder, name))
  }
}
