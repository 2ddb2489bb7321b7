import { userInfo } from 'node:os'
import { toFleetSpecs, toScheduleSpecs, type MusterConfig } from '../../domain/config/index.ts'
import { MusterError } from '../../domain/errors.ts'
import { requireConsent } from '../apply/consent.ts'
import { emptyDropped } from '../apply/empty-dropped.ts'
import { planApply, type ApplyContext, type ApplyPlan } from '../apply/plan-apply.ts'
import { carryOut } from '../apply/schedules.ts'
import { scheduleChanges, printApplied, type Applied } from '../apply/print-applied.ts'
import type { ApplyCommandOptions } from '../commands/apply.ts'
import { loadConfig } from '../load-config.ts'
import { printJson } from '../output.ts'
import { createCleanup, type Cleanup } from '../stack/cleanup.ts'
import { applyFleets, installationOf, type FleetChange } from '../stack/fleets.ts'
import { installationPlace, type InstallationPlace } from '../stack/installation-place.ts'
import { enrollmentKeys, openStorePart } from '../stack/parts.ts'
import { startTemporal } from '../stack/temporal.ts'

/** Brings fleets and schedules to what the config says, and says what that was. Nothing is changed when any of it is wrong. */
export async function apply(options: ApplyCommandOptions): Promise<void> {
  const { config } = await loadConfig(options.config)
  const place = installationPlace(config, options.store)
  const cleanup = createCleanup((name, error) =>
    console.error(`muster: ${name} did not end: ${String(error)}`),
  )
  try {
    const context = await connect(config, place, options, cleanup)
    const applied = await applyConfig(context, options)
    if (options.json) printJson({ ok: true, ...applied })
    else printApplied(applied)
  } finally {
    await cleanup.run()
  }
}

async function connect(
  config: MusterConfig,
  place: InstallationPlace,
  { why }: ApplyCommandOptions,
  cleanup: Cleanup,
): Promise<ApplyContext> {
  const temporal = await startTemporal({ ...place.temporal, log: () => {} }, cleanup)
  const store = await openStorePart(config, place.storeFile, cleanup)
  const keys = enrollmentKeys(config, place.secrets)
  const { controller, cloud } = config
  return {
    config,
    place,
    client: temporal.client,
    store,
    keys,
    installation: installationOf(config, temporal, apiUrlOf(config, place), keys.current),
    scope: { controller, namespaceId: temporal.namespaceId, region: cloud.region },
    asker: { by: userInfo().username, why },
    fleets: toFleetSpecs(config),
    schedules: toScheduleSpecs(config),
  }
}

async function applyConfig(context: ApplyContext, options: ApplyCommandOptions): Promise<Applied> {
  const plan = await planApply(context, options)
  if (options.dryRun) return toApplied(plan, plan.fleets, true)
  await requireConsent(plan.doubts, options)
  const fleets = await carryOutPlan(context, plan, options)
  return toApplied(plan, fleets, false)
}

/** Fleets are compared again, with what they are by now: a person may have taken a while to agree. */
async function carryOutPlan(
  { client, store, installation, scope, asker, fleets }: ApplyContext,
  { emptied, schedules }: ApplyPlan,
  { size = false }: ApplyCommandOptions,
): Promise<FleetChange[]> {
  const reach = { client, store }
  const changes = await applyFleets(reach, installation, fleets, asker, { size })
  await emptyDropped(reach, emptied, asker)
  await carryOut({ ...reach, scope, asker }, schedules)
  return changes
}

const toApplied = (
  { emptied, notInConfig, schedules, doubts, warnings }: ApplyPlan,
  fleets: FleetChange[],
  dryRun: boolean,
): Applied => ({
  dryRun,
  fleets,
  emptied,
  notInConfig,
  schedules: scheduleChanges(schedules),
  doubts,
  warnings,
})

/** The address at which agents on new hosts reach the API. */
function apiUrlOf({ api }: MusterConfig, { apiUrl }: InstallationPlace): string {
  const url = api.publicUrl ?? apiUrl ?? (api.listen && `http://${api.listen}`)
  if (url !== undefined) return url
  throw new MusterError('bad_config', 'say in api.publicUrl how the agents on hosts reach the API')
}
