import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { askPage } from '../check/check-statuspage.ts'
import type { InstallationPlace } from '../stack/installation-place.ts'
import { emulatedEndpoint, statuspagePart } from '../stack/statuspage.ts'

/**
 * Asks the status page whether it takes what the config says of it, before anything is changed.
 *
 * @returns what people should know: that it is away, or why nobody was asked
 * @throws MusterError `unprocessable` with the field of the config when page, key or component are refused
 */
export async function refuseStatuspage(config: MusterConfig, place: InstallationPlace): Promise<string[]> {
  const { statuspage } = config
  if (statuspage === undefined) return []
  const { apiKeyEnv } = statuspage
  const emulated = config.cloud.endpoint ?? place.cloudEndpoint
  if (!process.env[apiKeyEnv] && emulatedEndpoint(config, emulated) === undefined) {
    return [`the status page was not asked: ${apiKeyEnv} is not set on this machine`]
  }
  const part = statuspagePart(config, emulated)
  const items = part ? await askPage(part) : []
  const failed = items.filter(({ result }) => result === 'failed')
  if (failed.length > 0) {
    const lines = failed.map(({ what, detail, field }) => `  ${field} (${what}): ${detail}`)
    throw new MusterError(
      'unprocessable',
      `nothing was changed, because the status page would refuse reports:\n${lines.join('\n')}`,
      { details: { items: failed } },
    )
  }
  return items.filter(({ result }) => result === 'warned').map(({ what, detail }) => `${what}: ${detail}`)
}
