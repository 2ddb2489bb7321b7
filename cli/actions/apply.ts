import { userInfo } from 'node:os'
import { toFleetSpecs, toScheduleSpecs, type MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { findFights } from '../../domain/schedules/fights.ts'
import { nextSizeOf } from '../../domain/schedules/next-size.ts'
import type { SchedulePlan } from '../../domain/schedules/plan.ts'
import type { ScheduleSpec } from '../../domain/schedules/types.ts'
import type { FleetSpec } from '../../domain/spec.ts'
import { requireConsent } from '../apply/consent.ts'
import { droppedOf, droppingDoubts, emptyDropped } from '../apply/empty-dropped.ts'
import { doubtsOf } from '../apply/doubts.ts'
import { refuseLaunches } from '../apply/refuse-launches.ts'
import { refuseStatuspage } from '../apply/refuse-statuspage.ts'
import { carryOut, planOf } from '../apply/schedules.ts'
import { scheduleChanges, tellApplied, type Applied } from '../apply/tell.ts'
import type { ApplyCommandOptions } from '../commands/apply.ts'
import { loadConfig } from '../load-config.ts'
import { printJson } from '../output.ts'
import { droppedKeyText, droppedKeys } from '../stack/dropped-keys.ts'
import { createEnding, type Ending } from '../stack/ending.ts'
import { applyFleets, installationOf } from '../stack/fleets.ts'
import { installationPlace, type InstallationPlace } from '../stack/installation-place.ts'
import { enrollmentKeys, openStorePart } from '../stack/parts.ts'
import { startTemporal } from '../stack/temporal.ts'

/** Brings fleets and schedules to what the config says, and says what that was. Nothing is changed when any of it is wrong. */
export async function apply(options: ApplyCommandOptions): Promise<void> {
  const { config } = await loadConfig(options.config)
  const place = installationPlace(config, options.store)
  const ending = createEnding((name, error) => console.error(`muster: ${name} did not end: ${String(error)}`))
  try {
    const applied = await applyConfig(config, place, options, ending)
    if (options.json) printJson({ ok: true, ...applied })
    else tellApplied(applied)
  } finally {
    await ending.run()
  }
}

async function applyConfig(
  config: MusterConfig,
  place: InstallationPlace,
  options: ApplyCommandOptions,
  ending: Ending,
): Promise<Applied> {
  const { dryRun = false, size = false, prune = false, why } = options
  const temporal = await startTemporal({ ...place.temporal, log: () => {} }, ending)
  const store = await openStorePart(config, place.storeFile, ending)
  const keys = enrollmentKeys(config, place.secrets)
  const installation = installationOf(config, temporal, apiUrlOf(config, place), keys.current)
  const { controller, cloud } = config
  const scope = { controller, namespaceId: temporal.namespaceId, region: cloud.region }
  const asker = { by: userInfo().username, why }
  const reach = { client: temporal.client, store }
  const specs = toFleetSpecs(config)

  const wouldBe = await applyFleets(reach, installation, specs, asker, { dryRun: true, size })
  const schedules = toScheduleSpecs(config)
  const plan = await planOf(temporal.client, schedules, scope)
  const touched = new Set(
    wouldBe
      .filter(({ outcome, changes }) => outcome === 'started' || changes.length > 0)
      .map(({ fleet }) => fleet),
  )
  const launching = specs.filter(({ name }) => touched.has(name))
  const notes = options.offline
    ? []
    : [...(await refuseStatuspage(config, place)), ...(await refuseLaunches(config, place, launching))]
  const fights = findFights(schedules, Date.now(), plan.anchors).map(({ words }) => words)
  const warnings = [...notes, ...fights, ...(size ? resizedAgain(specs, schedules, plan) : [])]
  const dropped = droppedOf(await store.fleets.list(), new Set(specs.map(({ name }) => name)))
  const emptied = prune ? dropped : []
  const unheard = droppedKeys(await store.hosts.keysInUse(), Object.keys(keys.all)).map(droppedKeyText)
  const doubts = [...unheard, ...doubtsOf(wouldBe, plan), ...droppingDoubts(emptied)]

  if (!dryRun) await requireConsent(doubts, options)
  const fleets = dryRun ? wouldBe : await applyFleets(reach, installation, specs, asker, { size })
  if (!dryRun) {
    await emptyDropped(reach, emptied, asker)
    await carryOut({ ...reach, scope, asker }, plan)
  }
  const notInConfig = prune ? [] : dropped.map(({ fleet }) => fleet)
  return { dryRun, fleets, emptied, notInConfig, schedules: scheduleChanges(plan), doubts, warnings }
}

/** `--size` holds until a schedule gives the fleet another size: who wants it to stay changes the schedule. */
function resizedAgain(fleets: FleetSpec[], schedules: ScheduleSpec[], { anchors }: SchedulePlan): string[] {
  return fleets.flatMap((fleet) => {
    const next = nextSizeOf(fleet, schedules, Date.now(), anchors)
    if (next === undefined) return []
    const when = new Date(next.at).toISOString().replace('.000Z', 'Z')
    return [
      `fleet ${fleet.name} has the size ${fleet.size} of the config until schedule ${next.schedule} scales it to ${next.size} at ${when}`,
    ]
  })
}

/** As agents on new hosts will reach the API. */
function apiUrlOf({ api }: MusterConfig, { apiUrl }: InstallationPlace): string {
  const url = api.publicUrl ?? apiUrl ?? (api.listen && `http://${api.listen}`)
  if (url !== undefined) return url
  throw new MusterError('bad_config', 'say in api.publicUrl how the agents on hosts reach the API')
}
