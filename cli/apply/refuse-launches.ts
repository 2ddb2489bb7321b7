import { findCredentials, type EcsConfig } from '../../activities/index.ts'
import type { MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import type { FleetSpec } from '../../domain/spec.ts'
import type { CheckItem } from '../check/check-item.ts'
import { dryRuns } from '../check/dry-run.ts'
import { runningCloud } from '../stack/cloud.ts'
import type { InstallationPlace } from '../stack/installation-place.ts'

/**
 * Asks the cloud whether it would launch these fleets, before anything is changed: an id that does not exist would
 * otherwise show in an hour of failing launches.
 *
 * @returns what people should know: warnings, or why nobody was asked
 * @throws MusterError `unprocessable` with the field of the config and the cloud's words for each placement that is
 *   refused
 */
export async function refuseLaunches(
  config: MusterConfig,
  place: InstallationPlace,
  fleets: FleetSpec[],
): Promise<string[]> {
  if (fleets.length === 0) return []
  const ecs = cloudOf(config, place)
  if (ecs === undefined) {
    return ['launches were not tried: the config does not say where its emulated cloud runs']
  }
  if (config.cloud.kind === 'alibaba' && (await findCredentials()) === undefined) {
    return ['launches were not tried: there are no credentials of the cloud on this machine']
  }
  const items = await dryRuns({
    ecs: { ...ecs, region: config.cloud.region },
    controller: config.controller,
    apiUrl: config.api.publicUrl ?? 'http://127.0.0.1:8100',
    fleets,
    settings: config.fleets,
    nowMs: Date.now(),
  })
  const failed = items.filter(({ result }) => result === 'failed')
  if (failed.length > 0) {
    const lines = failed.map((item) => `  ${lineOf(item)}`)
    throw new MusterError(
      'unprocessable',
      `nothing was changed, because the cloud would refuse these launches:\n${lines.join('\n')}`,
      { details: { items: failed } },
    )
  }
  return items.filter(({ result }) => result === 'warned').map(lineOf)
}

const lineOf = ({ what, detail, field }: CheckItem): string =>
  `${field === undefined ? what : `${field} (${what})`}: ${detail}`

/** As the config says; the emulated cloud of a stack on this machine is known from the stack. */
function cloudOf(
  config: MusterConfig,
  { cloudEndpoint, secrets }: InstallationPlace,
): Omit<EcsConfig, 'region'> | undefined {
  if (config.cloud.kind === 'alibaba' || config.cloud.endpoint !== undefined) return runningCloud(config)
  if (cloudEndpoint === undefined || secrets === undefined) return undefined
  return { endpoint: cloudEndpoint, protocol: 'http', credentials: secrets.emulator }
}
