import type { MusterConfig } from '../../domain/config/index.ts'
import { findConflicts } from '../../domain/schedules/conflicts.ts'
import { nextSizeOf } from '../../domain/schedules/next-size.ts'
import type { SchedulePlan } from '../../domain/schedules/plan.ts'
import type { ActionScope, ScheduleSpec } from '../../domain/schedules/types.ts'
import type { Attribution } from '../../domain/messages.ts'
import type { FleetSpec } from '../../domain/spec.ts'
import type { Store } from '../../store/contract.ts'
import type { ApplyCommandOptions } from '../commands/apply.ts'
import { droppedKeyText, droppedKeys } from '../stack/dropped-keys.ts'
import { applyFleets, type FleetChange, type Installation } from '../stack/fleets.ts'
import type { InstallationPlace } from '../stack/installation-place.ts'
import type { EnrollmentKeys } from '../stack/parts.ts'
import type { TemporalPart } from '../stack/temporal.ts'
import { doubtsOf } from './doubts.ts'
import { droppedOf, droppingDoubts, type DroppedFleet } from './empty-dropped.ts'
import { refuseLaunches } from './refuse-launches.ts'
import { refuseStatuspage } from './refuse-statuspage.ts'
import { planOf } from './schedules.ts'

/** A config, and the running installation that it is applied to. */
export interface ApplyContext {
  config: MusterConfig
  place: InstallationPlace
  client: TemporalPart['client']
  store: Store
  keys: EnrollmentKeys
  installation: Installation
  scope: ActionScope
  asker: Attribution
  fleets: FleetSpec[]
  schedules: ScheduleSpec[]
}

/** What an apply would change. */
export interface ApplyPlan {
  fleets: FleetChange[]
  schedules: SchedulePlan
  /** Fleets that the config does not name, and whose hosts are to be retired. */
  emptied: DroppedFleet[]
  /** Fleets that the config does not name and that keep their hosts. */
  notInConfig: string[]
  /** What a person has to agree to first, a line each. */
  doubts: string[]
  /** What people should know, a line each. */
  warnings: string[]
}

/**
 * Compares config and installation. Nothing is changed.
 *
 * @throws MusterError `unprocessable` when the cloud or the status page would refuse what is new
 */
export async function planApply(context: ApplyContext, options: ApplyCommandOptions): Promise<ApplyPlan> {
  const { client, store, installation, scope, asker } = context
  const { size = false, prune = false, offline = false } = options
  const dryRun = { dryRun: true, size }
  const fleets = await applyFleets({ client, store }, installation, context.fleets, asker, dryRun)
  const schedules = await planOf(client, context.schedules, scope)
  const notes = offline ? [] : await refuseWhatOthersWould(context, fleets)
  const dropped = droppedOf(await store.fleets.list(), new Set(context.fleets.map(({ name }) => name)))
  const emptied = prune ? dropped : []
  return {
    fleets,
    schedules,
    emptied,
    notInConfig: prune ? [] : dropped.map(({ fleet }) => fleet),
    doubts: [...(await keyDoubts(context)), ...doubtsOf(fleets, schedules), ...droppingDoubts(emptied)],
    warnings: [
      ...notes,
      ...findConflicts(context.schedules, Date.now(), schedules.anchors).map(({ words }) => words),
      ...(size ? sizeWarnings(context, schedules) : []),
    ],
  }
}

/** Asks the status page and the cloud, each of which might refuse what is new. @returns what people should know */
async function refuseWhatOthersWould(
  { config, place, fleets }: ApplyContext,
  changes: FleetChange[],
): Promise<string[]> {
  const touched = new Set(
    changes
      .filter(({ outcome, changes: fields }) => outcome === 'started' || fields.length > 0)
      .map(({ fleet }) => fleet),
  )
  const launching = fleets.filter(({ name }) => touched.has(name))
  return [...(await refuseStatuspage(config, place)), ...(await refuseLaunches(config, place, launching))]
}

/** Agents whose key is missing from the config would be refused from now on. */
async function keyDoubts({ store, keys }: ApplyContext): Promise<string[]> {
  return droppedKeys(await store.hosts.keysInUse(), Object.keys(keys.all)).map(droppedKeyText)
}

/** A size from the config lasts until a schedule sets another: to keep it, a person has to change the schedule. */
function sizeWarnings({ fleets, schedules }: ApplyContext, { anchors }: SchedulePlan): string[] {
  return fleets.flatMap((fleet) => {
    const next = nextSizeOf(fleet, schedules, Date.now(), anchors)
    if (next === undefined) return []
    const when = new Date(next.at).toISOString().replace('.000Z', 'Z')
    return [
      `fleet ${fleet.name} has the size ${fleet.size} of the config until schedule ${next.schedule} scales it to ${next.size} at ${when}`,
    ]
  })
}
