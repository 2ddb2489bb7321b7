import { randomBytes } from 'node:crypto'
import { EcsError, createEcsApi, launchRequest } from '../../activities/index.ts'
import type { EcsApi, EcsConfig } from '../../activities/index.ts'
import type { FleetSettings } from '../../domain/config/types.ts'
import { mapConcurrently } from '../../domain/map-concurrently.ts'
import type { FleetSpec, Placement } from '../../domain/spec.ts'
import type { CheckItem } from './check-item.ts'
import { fieldOf } from './field-of.ts'

const MINUTE_MS = 60_000
/** At once: enough to be quick, and far below what the cloud throttles. */
const LANES = 4
/** The cloud's yes to a dry run. */
const WOULD_WORK = 'DryRunOperation'

export interface DryRunOptions {
  ecs: EcsConfig
  controller: string
  apiUrl: string
  fleets: FleetSpec[]
  /** The fleets as the config says them: for the names of fields. */
  settings: Record<string, FleetSettings>
  nowMs: number
}

/**
 * Asks the cloud of every placement of every fleet whether it would make an instance there: the very request of a
 * launch, with DryRun. Nothing is made, and nothing that is sent opens anything: its token is signed with a key made
 * for this moment.
 */
export async function dryRuns(options: DryRunOptions): Promise<CheckItem[]> {
  const api = createEcsApi(options.ecs)
  const launches = options.fleets.flatMap((fleet) =>
    fleet.host.placements.map((placement, place) => ({ fleet, placement, place })),
  )
  return await mapConcurrently(launches, LANES, (launch) => dryRun(api, launch, options))
}

interface DryLaunch {
  fleet: FleetSpec
  placement: Placement
  /** Its place in the list of placements. */
  place: number
}

async function dryRun(
  api: EcsApi,
  { fleet, placement, place }: DryLaunch,
  options: DryRunOptions,
): Promise<CheckItem> {
  const spot = placement.spot === undefined ? '' : ', spot'
  const what = `fleet ${fleet.name}: ${placement.instanceType} in ${placement.zone}${spot}`
  try {
    await api.runInstance({ ...requestOf(fleet, placement, options), dryRun: true })
    return {
      what,
      result: 'failed',
      detail: 'the cloud took a dry run for a launch: look for an instance to delete',
    }
  } catch (error) {
    if (!(error instanceof EcsError)) throw error
    const { result, detail } = verdict(error)
    const settings = options.settings[fleet.name]?.hosts
    const field = settings && fieldOf(error.fault, fleet.name, settings, place)
    return { what, result, detail, ...(field !== undefined && { field }) }
  }
}

function verdict({ fault, message }: EcsError): Pick<CheckItem, 'result' | 'detail'> {
  if (fault.code === WOULD_WORK) return { result: 'ok', detail: 'the cloud would launch it' }
  if (fault.class === 'capacity') return { result: 'warned', detail: `no capacity now: ${message}` }
  return { result: 'failed', detail: message }
}

function requestOf(
  { name, host }: FleetSpec,
  placement: Placement,
  { controller, apiUrl, nowMs }: DryRunOptions,
) {
  return launchRequest(
    {
      owner: { controller, namespaceId: '00000000-0000-0000-0000-000000000000' },
      key: { host: `${name}/00001`, generation: randomBytes(5).toString('hex'), attempt: 1 },
      launch: 1,
      placement,
      spec: host,
      api: { url: apiUrl, keyId: 'dry-run' },
      autoReleaseAt: nowMs + host.bootTimeoutMs + 30 * MINUTE_MS,
      tokenExpiresAt: nowMs + host.bootTimeoutMs,
    },
    randomBytes(32).toString('base64url'),
  )
}
