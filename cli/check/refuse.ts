import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { checkInstallation } from './check-installation.ts'

/**
 * For the real cloud, before anything is started: an hour of failing launches is a bad way to learn of a missing
 * permission. Other clouds fail at once.
 * @throws MusterError `unprocessable` with everything that is wrong
 */
export async function refuseBrokenInstallation(config: MusterConfig, file: string): Promise<void> {
  if (config.cloud.kind !== 'alibaba') return
  const items = await checkInstallation(config, { file, offline: false })
  const failed = items.filter(({ result }) => result === 'failed')
  if (failed.length === 0) return
  const lines = failed.map(({ what, detail }) => `  ${what}: ${detail}`)
  throw new MusterError('unprocessable', `nothing was started, because this is wrong:\n${lines.join('\n')}`, {
    details: { items },
  })
}
