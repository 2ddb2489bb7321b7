import { toScheduleSpecs, type MusterConfig } from '../../domain/config/index.ts'
import { findConflicts } from '../../domain/schedules/conflicts.ts'
import type { Store } from '../../store/contract.ts'
import type { Notice } from '../stack/ports.ts'
import type { TemporalPart } from '../stack/temporal.ts'
import { carryOut, planOf } from './schedules.ts'

/**
 * Creates and changes the schedules when a stack starts. It cannot ask for confirmation: schedules that were dropped
 * continue, and are reported.
 */
export async function applySchedulesAtStart(
  config: MusterConfig,
  { client, namespaceId }: TemporalPart,
  store: Store,
  notice: Notice,
): Promise<void> {
  const schedules = toScheduleSpecs(config)
  const scope = { controller: config.controller, namespaceId, region: config.cloud.region }
  const plan = await planOf(client, schedules, scope)
  const asker = { by: 'muster dev', why: 'as the config says' }
  await carryOut({ client, store, scope, asker }, { ...plan, delete: [] })
  for (const { words } of findConflicts(schedules, Date.now(), plan.anchors)) notice(words)
  for (const name of plan.delete) {
    notice(`schedule ${name} is not in the config and goes on: muster apply deletes it`)
  }
}
